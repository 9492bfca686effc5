"""Wide sheets: a row per query, columns per model."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping

from data.readers.base import Guess, Question, Sheet, Upload
from data.readers.mapping import QUERY_ROLES
from data.readers.mapping import Mapping as ColumnMapping
from data.readers.profile import Profile
from data.readers.units import guessed, priced_alike
from data.readers.values import labels
from data.readers.vocabulary import CELL_WORDS, QUERY_WORDS, flat, no_model, parted, ranked_by_name, role_by_name
from data.splits import _WORDS as SPLIT_WORDS

_SCORED = ("flag", "unit", "number")
_WORDS_MOST, _WORD_LENGTH = 6, 24
_LETTER = re.compile(r"\(?[A-Ja-j]\)?\.?")
_PLAIN_NUMBER = re.compile(r"[-−]?[$€£]?[\d.,]*\d\s?%?(\s[a-z]+)?")
_LAST_NUMBER = re.compile(r"\d")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d|1\d{9}(\d{3}|\d{6})?(\.\d+)?$")
_MODEL_COLUMN = re.compile(r"(chosen_|selected_)?(model|llm)(_name|_id|_permaslug|_slug)?(_[ab12])?|generator(_[12])?")
_KNOWN = frozenset(word for words in (*CELL_WORDS.values(), *QUERY_WORDS.values()) for word in words)
_MODELS_LEAST = 2
_NAME_MOST, _SCORE_MOST, _SENTINEL = 120, 100, -1
_CODE = re.compile(r"```|^\s*(def|class|import|from|return|assert) ", re.MULTILINE)


def guess(sheet: Sheet, found: Mapping[str, Profile]) -> Guess | None:
    """Return the wide mapping of a sheet, or None if it has neither scores nor answers of any model."""
    query = query_roles(sheet, found)
    free = [name for name in found if name not in query.values() and found[name].kind != "empty"]
    cells, signals = _by_affix(free, found)
    named = names_models(found)  # a row is a call, or a model, so a column named after nothing we know is no model
    if "quality" not in cells and not named:
        bare = _bare_scores(free, found, cells) or _only_score(sheet, free, found)
        if bare:
            cells = {**_of_models(cells, bare), "quality": bare}
    worded = {} if "quality" in cells or named else _worded_scores(free, found)
    if worded:
        cells = {**cells, "quality": worded}
    if "quality" not in cells and "reference" in query and not named:
        cells = _answers(free, found, cells)
    models = set(cells.get("quality", {})) | (set(cells.get("answer", {})) if "reference" in query else set())
    if not models or (named and len(models) < _MODELS_LEAST):  # `judge_score` beside a column of models is theirs, no model called judge
        return None
    cells = _of_models(cells, models)
    return finished(sheet, found, shape="wide", query=query, cells=cells, signals=_of_models(signals, models))


def names_models(found: Mapping[str, Profile]) -> tuple[str, ...]:
    """Return the columns that say in each row which model it is about: one in a log, two where models are compared in pairs."""
    return tuple(
        name
        for name, profile in found.items()
        if _MODEL_COLUMN.fullmatch(flat(name)) and profile.kind == "text" and profile.length < _NAME_MOST
    )


def unread_scores(found: Mapping[str, Profile], mapping: ColumnMapping) -> tuple[str, ...]:
    """Return the columns that may be scores of further models on another scale, where those that are read bear a model's name alone."""
    scores = mapping.cells.get("quality", {})
    used = mapping.columns
    if mapping.shape != "wide" or not scores or any(model != column for model, column in scores.items()):
        return ()
    rest = (each for name, each in found.items() if name not in used and not no_model(name) and flat(name) not in _KNOWN)
    return tuple(
        each.name for each in rest if each.kind == "number" and each.low >= 0 and 1 < each.high <= _SCORE_MOST and each.distinct > 1
    )


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
    if "cost_usd" in cells:
        cells = {**cells, "cost_usd": priced_alike(cells["cost_usd"])}
    factors, per = guessed(cells)
    if quality and max(p.high for p in quality) > 1 and sum(p.inside for p in quality) / len(quality) < 0.5:
        questions.append(scale_question(min(p.low for p in quality), max(p.high for p in quality)))
    scorer = _scorer(sheet, query, cells)
    if "quality" not in cells and "answer" in cells:
        scorer = scorer or "normalised"
        questions.append(_scorer_question(scorer))
    mapping = ColumnMapping(
        shape="long" if shape == "long" else "wide", query=query, cells=cells, signals=signals, factors=factors, cost_per=per, scorer=scorer
    )
    if quality and any(p.filled < len(sheet) for p in quality):
        questions.append(empty_question())
    holds = next((words for role, words in (("quality", "scores"), ("answer", "answers")) if role in cells), "calls")
    title = f"{'long' if shape == 'long' else 'wide'} table with {holds}"
    return Guess(reader=shape, title=title, mapping=mapping, questions=tuple(questions))


def scale_question(low: float, high: float) -> Question:
    """Return the question whether scores beyond 1 are to be rescaled, with the scale that they look like."""
    ends = [(1, 5), (0, 5), (1, 10), (0, 10), (0, 100)]
    low = 0.0 if low == _SENTINEL and high > 1 else low  # -1 among scores of 1 to 10 is no score
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
    check = _CHECKS.get(role)
    return column.kind != "empty" and (check is None or check(sheet, column))


def _id_like(sheet: Sheet, column: Profile) -> bool:
    return (column.distinct > 1 or len(sheet) < 10) and column.length < 200


def _task_like(sheet: Sheet, column: Profile) -> bool:
    return column.kind == "text" and column.length < 80 and column.distinct <= max(2, len(sheet) // 2)


def _moment_like(sheet: Sheet, column: Profile) -> bool:
    head = [text for text in labels(sheet.columns[column.name].slice(0, 200)) if text]
    return bool(head) and all(_MOMENT.match(text) for text in head)


def _split_like(sheet: Sheet, column: Profile) -> bool:
    words = {word.strip().lower() for word in labels(sheet.columns[column.name].unique())}
    return bool(words) and words <= set(SPLIT_WORDS)


_CHECKS: dict[str, Callable[[Sheet, Profile], bool]] = {
    "query_id": _id_like,
    "prompt": lambda _sheet, column: column.kind == "text",
    "task": _task_like,
    "timestamp": _moment_like,
    "split": _split_like,
}


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


def _worded_scores(free: Iterable[str], found: Mapping[str, Profile]) -> dict[str, str]:
    """Return model -> column of scores in a few words that nobody knows yet (gut, schlecht): a person is asked what they mean."""
    few = [
        name for name in free if found[name].kind == "text" and found[name].distinct <= _WORDS_MOST and found[name].length <= _WORD_LENGTH
    ]
    return {model: name for name in few for field, model in parted(name)[:1] if field == "quality" and not no_model(model)}


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
