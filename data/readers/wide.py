"""Wide sheets: a row per query, columns per model."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from data.readers.base import Guess, Question, Sheet, Upload
from data.readers.mapping import QUERY_ROLES
from data.readers.mapping import Mapping as ColumnMapping
from data.readers.profile import Profile
from data.readers.values import labels
from data.readers.vocabulary import CELL_WORDS, MILLISECONDS, QUERY_WORDS, flat, no_model, parted, ranked_by_name, role_by_name
from data.splits import _WORDS as SPLIT_WORDS

_SCORED = ("flag", "unit", "number")
_LETTER = re.compile(r"\(?[A-Ja-j]\)?\.?")
_PLAIN_NUMBER = re.compile(r"[-−]?[$€£]?[\d.,]*\d\s?%?(\s[a-z]+)?")
_LAST_NUMBER = re.compile(r"\d")
_CODE = re.compile(r"```|^\s*(def|class|import|from|return|assert) ", re.MULTILINE)


def guess(sheet: Sheet, found: Mapping[str, Profile]) -> Guess | None:
    """Return the wide mapping of a sheet, or None if it has neither scores nor answers of any model."""
    query = query_roles(sheet, found)
    free = [name for name in found if name not in query.values() and found[name].kind != "empty"]
    cells, signals = _by_affix(free, found)
    if "quality" not in cells:
        bare = _bare_scores(free, found, cells) or _only_score(sheet, free, found)
        if bare:
            cells = {**_of_models(cells, bare), "quality": bare}
    if "quality" not in cells and "reference" in query:
        cells = _answers(free, found, cells)
    models = set(cells.get("quality", {})) | (set(cells.get("answer", {})) if "reference" in query else set())
    if not models:
        return None
    cells = _of_models(cells, models)
    return finished(sheet, found, shape="wide", query=query, cells=cells, signals=_of_models(signals, models))


def query_roles(sheet: Sheet, found: Mapping[str, Profile]) -> dict[str, str]:
    """Return the roles of whole queries by their columns' names, each checked against what the column holds."""
    query: dict[str, str] = {}
    for role in QUERY_ROLES:
        names = ranked_by_name((name for name in found if name not in query.values()), QUERY_WORDS[role])
        column = next((name for name in names if _can_be(role, sheet, found[name])), "")
        if column:
            query[role] = column
    return query


def finished(
    sheet: Sheet,
    found: Mapping[str, Profile],
    *,
    shape: str,
    query: Mapping[str, str],
    cells: Mapping[str, Mapping[str, str]],
    signals: Mapping[str, Mapping[str, str]],
) -> Guess:
    """Return the guess with units, scale, scorer and the questions that stay open."""
    questions: list[Question] = []
    quality = [found[column] for column in cells.get("quality", {}).values()]
    latency = list(cells.get("latency_s", {}).values())
    factors = {"latency_s": 0.001} if latency and all(MILLISECONDS.search(column) for column in latency) else {}
    if quality and max(p.high for p in quality) > 1 and sum(p.inside for p in quality) / len(quality) < 0.5:
        questions.append(scale_question(min(p.low for p in quality), max(p.high for p in quality)))
    scorer = _scorer(sheet, query, cells)
    if "quality" not in cells:
        scorer = scorer or "normalised"
        questions.append(_scorer_question(scorer))
    mapping = ColumnMapping(
        shape="long" if shape == "long" else "wide", query=query, cells=cells, signals=signals, factors=factors, scorer=scorer
    )
    if quality and any(p.filled < len(sheet) for p in quality):
        questions.append(empty_question())
    title = f"{'long' if shape == 'long' else 'wide'} table with {'scores' if 'quality' in cells else 'answers'}"
    return Guess(reader=shape, title=title, mapping=mapping, questions=tuple(questions))


def scale_question(low: float, high: float) -> Question:
    """Return the question whether scores beyond 1 are to be rescaled, with the scale that they look like."""
    ends = [(1, 5), (0, 5), (1, 10), (0, 10), (0, 100)]
    likely = next(((a, b) for a, b in ends if a <= low and high <= b), (low, high))
    choices = {f"rescale {a:g} to {b:g} to 0..1": (float(a), float(b)) for a, b in dict.fromkeys([likely, *ends])}
    text = f"Scores look like {likely[0]:g} to {likely[1]:g}: rescale them to 0..1?"
    return Question(field="scale", text=text, choices={**choices, "no, they are 0..1": None}, default=None)


def empty_question() -> Question:
    """Return the question what an empty score means."""
    choices = {"the model was not run": "not run", "no answer, so it is wrong (0)": "wrong"}
    return Question(field="empty_answer_means", text="Some scores are empty: what does that mean?", choices=choices, default="not run")


def _scorer_question(default: str) -> Question:
    from data.scoring import scorers

    choices = {scorer.title: scorer.id for scorer in scorers().values()}
    return Question(field="scorer", text="No scores, but answers and references: how are they compared?", choices=choices, default=default)


def _can_be(role: str, sheet: Sheet, column: Profile) -> bool:
    if column.kind == "empty":
        return False
    if role == "query_id":
        return (column.distinct > 1 or len(sheet) < 10) and column.length < 200
    if role == "prompt":
        return column.kind == "text"
    if role == "task":
        return column.kind == "text" and column.length < 80 and column.distinct <= max(2, len(sheet) // 2)
    if role == "split":
        words = {word.strip().lower() for word in labels(sheet.columns[column.name].unique())}
        return bool(words) and words <= set(SPLIT_WORDS)
    return True


def _by_affix(free: Iterable[str], found: Mapping[str, Profile]) -> tuple[dict[str, dict[str, str]], dict[str, dict[str, str]]]:
    """Return (role -> model -> column, signal -> model -> column) of the names that say both field and model."""
    cells: dict[str, dict[str, str]] = {}
    signals: dict[str, dict[str, str]] = {}
    for name in free:
        for field, model in parted(name):
            if no_model(model) or not _fits(field, found[name]):
                continue
            if field.startswith("signal "):
                signals.setdefault(field.removeprefix("signal "), {}).setdefault(model, name)
            else:
                cells.setdefault(field, {}).setdefault(model, name)
            break
    return {role: cells[role] for role in CELL_WORDS if role in cells}, signals


def _fits(field: str, column: Profile) -> bool:
    if field in ("response", "answer"):
        return True
    return column.kind in _SCORED or column.nearly > 0.5  # '$0.02' is told to be no number, not passed over


def _bare_scores(free: Iterable[str], found: Mapping[str, Profile], cells: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    """Return model -> column of the columns that are named after a model alone and hold its scores."""
    taken = {column for each in cells.values() for column in each.values()}
    columns = [found[name] for name in free if name not in taken and not no_model(name)]
    named = {model for each in cells.values() for model in each}
    units = [c.name for c in columns if c.kind in ("flag", "unit")]
    if any(name in named for name in units):
        units = [name for name in units if name in named or found[name].kind == "flag"]
    names = units or [c.name for c in columns if c.kind == "number" and c.low >= 0 and c.high <= 100]
    return {name: name for name in names if flat(name) not in CELL_WORDS["quality"]}


def _only_score(sheet: Sheet, free: Iterable[str], found: Mapping[str, Profile]) -> dict[str, str]:
    """Return the one column that says "score" and no model: the file is then the model's, and gives it its name."""
    column = role_by_name([name for name in free if found[name].kind in _SCORED], CELL_WORDS["quality"])
    return {Upload(sheet.file, b"").stem: column} if column else {}


def _answers(free: Iterable[str], found: Mapping[str, Profile], cells: Mapping[str, Mapping[str, str]]) -> dict[str, dict[str, str]]:
    """Return the cells of a sheet without scores: what each model said."""
    out = {role: dict(each) for role, each in cells.items()}
    said = {**out.pop("response", {}), **out.get("answer", {})}
    if not said:
        said = {name: name for name in free if not no_model(name) and (found[name].kind == "text" or found[name].distinct > 2)}
    return {"answer": said, **{role: each for role, each in out.items() if role != "answer"}} if said else out


def _of_models(cells: Mapping[str, Mapping[str, str]], models: Iterable[str]) -> dict[str, dict[str, str]]:
    kept = set(models)
    out = {role: {model: column for model, column in each.items() if model in kept} for role, each in cells.items()}
    return {role: each for role, each in out.items() if each}


def _scorer(sheet: Sheet, query: Mapping[str, str], cells: Mapping[str, Mapping[str, str]]) -> str:
    """Return the scorer that the references, or else the answers, ask for."""
    said = [column for role in ("answer", "response") for column in cells.get(role, {}).values()]
    if not said:
        return ""
    looked_at = [query["reference"]] if query.get("reference") else said[:2]
    sample = [text for column in looked_at for text in labels(sheet.columns[column].slice(0, 500)) if text]
    return scorer_for(sample)


def scorer_for(sample: list[str]) -> str:
    """Return the id of the scorer that fits nearly all texts of a sample of references (or answers), "" if none does."""
    if not sample:
        return ""
    kinds = [_kind_of(text) for text in sample]
    return next((kind for kind in ("multiple_choice", "numeric", "normalised") if kinds.count(kind) > 0.9 * len(sample)), "")


def _kind_of(text: str) -> str:
    text = text.strip()
    if _LETTER.fullmatch(text):
        return "multiple_choice"
    if _PLAIN_NUMBER.fullmatch(text) or "####" in text:
        return "numeric"
    worked = len(text) > 40 and not _CODE.search(text) and _LAST_NUMBER.search(text.splitlines()[-1])
    return "numeric" if worked else "normalised"
