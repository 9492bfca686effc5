"""Several files as one set: parts of one table, and files that go with it (references, prices, answers, warnings)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from data.models import ModelCard
from data.problems import Problem, listed
from data.readers import long
from data.readers.base import ALSO_IN, CONTAMINATED, Guess, Sheet, Upload, Use
from data.readers.formats.base import formats
from data.readers.mapping import Mapping as ColumnMapping
from data.readers.names import file_names, splits_of
from data.readers.pricelist import is_price_list, model_column, price_cards
from data.readers.profile import Profile, profiles
from data.readers.values import labels, parsed, texts
from data.readers.vocabulary import QUERY_WORDS, ROW_WORDS, role_by_name
from data.readers.wide import query_roles

_MATCHED = 0.5
_MODELS_MOST = 500
MODEL_COLUMN = "model (name of the file)"
SPLIT_COLUMN = "split (name of the file)"
_JOINED = ("reference", "task", "prompt", "split")


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Part:
    """One file on its way into a set: its sheet, what its columns look like, and a reader's guess, if any."""

    sheet: Sheet
    found: Mapping[str, Profile]
    guess: Guess | None

    @property
    def weight(self) -> tuple[bool, bool, int]:
        """Return what makes a file the rows of the set rather than a companion: scores first, then a known format, then size."""
        if self.guess is None or is_price_list(self.sheet):
            return False, False, 0
        cells = self.guess.mapping.cells
        return "quality" in cells, self.guess.reader in formats(), len(self.sheet) * max((len(each) for each in cells.values()), default=0)

    @property
    def one_model(self) -> tuple[str, str] | None:
        """Return (key, score) columns if the file holds the scores of one model that only its name tells, else None."""
        mapping = self.guess.mapping if self.guess else None
        if mapping is None or mapping.shape != "wide" or mapping.models != (Upload(self.sheet.file, b"").stem,):
            return None
        key = mapping.query.get("query_id") or mapping.query.get("prompt") or ""
        return key, next(iter(mapping.cells.get("quality", {"": ""}).values()))


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Set:
    """The rows with everything joined, what became of each other file, and the cards of a price list."""

    sheet: Sheet
    guess: Guess | None
    uses: Mapping[str, tuple[Use, str]]
    cards: tuple[ModelCard, ...] = ()
    cells: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


def assembled(parts: Sequence[Part]) -> Set:
    """Return the set that some files make together.

    The rows are the largest table with scores, one of a known format first, and every other table with the same columns
    (a document with a header of its own stays alone) or with the same queries' scores of another model. The rest joins by
    prompt or id, gives prices, or is named as not used. A guess without a reader stands for rows that nothing was known of alone.
    """
    main = max(parts, key=lambda part: (*part.weight, len(part.sheet)))
    same = [part for part in parts if part is main or _alike(main, part) or _of_another_model(main, part)]
    sheet = stacked([part.sheet for part in same]) if len(same) > 1 else main.sheet
    guess: Guess | None = main.guess or Guess(reader="", title="", mapping=ColumnMapping(query=query_roles(main.sheet, main.found)))
    if len(same) > 1 and (named := _model_a_file(main, same, sheet)) is not None:
        sheet, guess = named
    sheet, guess = _split_by_file(sheet, guess)
    uses = {file: _use(count, part.sheet) for part in same for file, count in _counted(part.sheet)}
    joined = Set(sheet=sheet, guess=guess, uses=uses)
    for part in sorted((p for p in parts if p not in same), key=lambda p: -len(p.sheet)):
        joined = _with(joined, part)
    return joined


def stacked(sheets: Sequence[Sheet]) -> Sheet:
    """Return sheets as one, files in the order given; a column that some lack is empty there. Columns in the order of the first."""
    names = dict.fromkeys(name for sheet in sheets for name in sheet.columns)
    columns = {name: _concatenated([sheet.columns.get(name, pa.nulls(len(sheet))) for sheet in sheets]) for name in names}
    return replace(
        sheets[0],
        files=tuple(sheet.file for sheet in sheets),
        columns=columns,
        rows=np.concatenate([sheet.rows for sheet in sheets]),
        source=np.repeat(np.arange(len(sheets), dtype=np.int32), [len(sheet) for sheet in sheets]),
        problems=tuple(problem for sheet in sheets for problem in sheet.problems),
        warnings=tuple(warning for sheet in sheets for warning in sheet.warnings),
    )


def _model_a_file(main: Part, parts: Sequence[Part], sheet: Sheet) -> tuple[Sheet, Guess] | None:
    """Return the stacked sheet with a model column, where each file is one model's: one score, the same queries in all files."""
    if main.one_model is None or not main.one_model[0]:
        return None
    key = main.one_model[0]
    others = [part for part in parts if part is not main]
    if any(_share(_matches(main.sheet.columns[key], part.sheet.columns[key])) < _MATCHED for part in others):
        return None
    names = pa.array(file_names(sheet.files), type=pa.large_string()).take(pa.array(sheet.source))
    named = sheet.with_columns({"model": names})
    guess = long.guess(named, profiles(named))
    if guess is None:
        return None
    mapping = replace(guess.mapping, query={**guess.mapping.query, "model": MODEL_COLUMN})
    what, fix = "each file is taken as one model's, and the model is named after it.", "Rename the models if that is not so."
    note = Problem(what=what, fix=fix, file=main.sheet.file)
    sheet = replace(sheet.with_columns({MODEL_COLUMN: names}), warnings=(*sheet.warnings, note))
    return sheet, replace(guess, mapping=mapping, title="a file a model")


def _split_by_file(sheet: Sheet, guess: Guess | None) -> tuple[Sheet, Guess | None]:
    """Return the sheet with a split column, where its files are called train and test and no query is in two of them."""
    names = splits_of(sheet.files)
    if not names or guess is None or "split" in guess.mapping.query:
        return sheet, guess
    column = guess.mapping.query.get("query_id") or guess.mapping.query.get("prompt")
    if column is None:
        return sheet, guess
    places = pa.table({"query": texts(sheet.columns[column]), "file": pa.array(sheet.source)}).group_by(["query", "file"]).aggregate([])
    if len(places) != len(places.column("query").unique()):
        return sheet, guess
    said = pa.array(names, type=pa.large_string()).take(pa.array(sheet.source))
    mapping = replace(guess.mapping, query={**guess.mapping.query, "split": SPLIT_COLUMN})
    return sheet.with_columns({SPLIT_COLUMN: said}), replace(guess, mapping=mapping)


def _counted(sheet: Sheet) -> list[tuple[str, int]]:
    """Return (file, number of its rows) for the files of a sheet."""
    return list(zip(sheet.files, np.bincount(sheet.source, minlength=len(sheet.files)).tolist(), strict=True))


def _rows(count: int) -> str:
    return f"{count:,} row{'' if count == 1 else 's'}"


def _use(count: int, sheet: Sheet) -> tuple[Use, str]:
    return ("rows", _rows(count)) if count or not len(sheet) else ("joined", "read together with the other files of its kind")


def _alike(main: Part, part: Part) -> bool:
    """Whether two files are parts of one table: the same columns, and scores in the same ones."""
    if main.sheet.document or part.sheet.document or set(part.found) != set(main.found) or part.guess is None or main.guess is None:
        return False
    scores = main.guess.mapping.cells.get("quality", {}).values()
    return all(part.found[column].kind not in ("text", "empty") for column in scores)


def _of_another_model(main: Part, part: Part) -> bool:
    """Whether a file holds another model's scores of the same queries; its other columns may differ."""
    if main.sheet.document or part.sheet.document or main.one_model is None or main.one_model != part.one_model:
        return False
    key, score = main.one_model
    return bool(key) and part.found[score].kind != "text" and _share(_matches(main.sheet.columns[key], part.sheet.columns[key])) >= _MATCHED


def _with(joined: Set, part: Part) -> Set:
    """Return the set with one more file taken in, in the first way that fits."""
    for take in (_prices, _by_position, _contaminated, _answers, _more_models, _by_query, _summary, _other):
        taken = take(joined, part)
        if taken is not None:
            return taken
    return _noted(joined, part, "not used", "nothing in it matches the rows")


def _noted(joined: Set, part: Part, use: Use, words: str, **changes: Any) -> Set:
    return replace(joined, uses={**joined.uses, **dict.fromkeys(part.sheet.files, (use, words))}, **changes)


def _prices(joined: Set, part: Part) -> Set | None:
    if not is_price_list(part.sheet) or joined.guess is None:
        return None
    models = _models(joined)
    cards = price_cards(part.sheet, models)
    if not cards:
        return None
    more = len(part.sheet) - len(cards)
    words = f"prices of {len(cards)} of {len(models)} models" + (f"; {more} more that have no scores here" if more else "")
    return _noted(joined, part, "prices", words, cards=(*joined.cards, *cards))


def _by_position(joined: Set, part: Part) -> Set | None:
    """Take in a table whose data rows, counted from 0, are the ids of the queries: a format says which of its columns are wanted."""
    key, known = _column(joined, "query_id"), formats().get(joined.guess.reader) if joined.guess else None
    wanted = {role: name for role, name in known.by_position.items() if name in part.sheet.columns} if known else {}
    if not wanted or not key:
        return None
    at, bad = parsed(joined.sheet.columns[key])
    inside = ~bad & (at >= 0) & (at < len(part.sheet)) & (at == np.floor(at))
    if np.mean(inside) < _MATCHED:
        return None
    rows = pa.array(np.where(inside, at, 0).astype(np.int64), mask=~inside)
    taken = {role: texts(part.sheet.columns[name]).take(rows) for role, name in wanted.items()}
    words = f"{', '.join(wanted.values())} of the row that the id counts, from 0: found for {np.mean(inside):.0%} of the rows"
    return _noted(joined, part, "joined", words, sheet=joined.sheet.with_columns(taken))


def _contaminated(joined: Set, part: Part) -> Set | None:
    """Take in a short list of prompts that occur in training data: rows with such a prompt are marked, not dropped."""
    names = [name for name in part.found if "eval" in name.lower() and part.found[name].kind == "text"]
    prompt = _column(joined, "prompt")
    if not names or not prompt or len(part.sheet) > len(joined.sheet) // 2 or not any("train" in name.lower() for name in part.found):
        return None
    listed = set(labels(part.sheet.columns[names[0]]))
    marks = [("yes" if text in listed else None) for text in labels(joined.sheet.columns[prompt])]
    count = sum(mark is not None for mark in marks)
    if not count:
        return None
    column = pa.array(marks, type=pa.large_string())
    return _noted(joined, part, "contaminated", f"{count:,} rows marked", sheet=joined.sheet.with_columns({CONTAMINATED: column}))


def _answers(joined: Set, part: Part) -> Set | None:
    """Take in a table of the same models and ids that holds what they said."""
    key = _column(joined, "query_id")
    if not key or key not in part.sheet.columns or joined.guess is None:
        return None
    quality = joined.guess.mapping.cells.get("quality", {})
    same = [m for m, c in quality.items() if c in part.sheet.columns and c == m]
    if len(same) < max(1, len(quality) // 2) or any(part.found[m].kind == "flag" for m in same):
        return None
    at = _matches(joined.sheet.columns[key], part.sheet.columns[key])
    if _share(at) < _MATCHED:
        return None
    taken = {f"{m} answer": texts(part.sheet.columns[m]).take(at) for m in same}
    cells = {**joined.cells, "answer": {m: f"{m} answer" for m in same}}
    return _noted(joined, part, "joined", f"answers of {len(same)} models", sheet=joined.sheet.with_columns(taken), cells=cells)


def _more_models(joined: Set, part: Part) -> Set | None:
    """Take in the scores that a wide table holds of further models on the same queries."""
    mine, theirs = (joined.guess.mapping if joined.guess else None), (part.guess.mapping if part.guess else None)
    if mine is None or theirs is None or {mine.shape, theirs.shape} != {"wide"} or set(theirs.models) & set(mine.models):
        return None
    role = next((role for role in ("query_id", "prompt") if role in mine.query and role in theirs.query), "")
    if not role or "quality" not in mine.cells or "quality" not in theirs.cells or mine.scale != theirs.scale:
        return None
    at = _matches(joined.sheet.columns[mine.query[role]], part.sheet.columns[theirs.query[role]])
    if any(part.found[column].distinct < 2 for column in theirs.cells["quality"].values()):
        return None  # a setting of the run rather than a score
    if _share(at) < _MATCHED or (role == "query_id" and _differ(joined.sheet, mine, part.sheet, theirs, at)):
        return None
    taken, cells = {}, {role: dict(each) for role, each in {**mine.cells, **joined.cells}.items()}
    for kind, each in theirs.cells.items():
        if mine.factors.get(kind) == theirs.factors.get(kind):
            for model, column in each.items():
                name = column if column not in joined.sheet.columns else f"{column} ({part.sheet.file})"
                taken[name] = part.sheet.columns[column].take(at)
                cells.setdefault(kind, {})[model] = name
    words = f"{listed(list(theirs.models))}: found for {_share(at):.0%} of the rows"
    return _noted(joined, part, "joined", words, sheet=joined.sheet.with_columns(taken), cells=cells)


def _differ(mine: Sheet, first: ColumnMapping, theirs: Sheet, second: ColumnMapping, at: pa.Array) -> bool:
    """Whether two tables that number their queries alike ask different things: then the same id is another query."""
    for role in ("prompt", "reference"):
        if role in first.query and role in second.query:
            asked, other = texts(mine.columns[first.query[role]]), texts(theirs.columns[second.query[role]]).take(at)
            return float(pc.mean(pc.equal(asked, other)).as_py() or 0.0) < _MATCHED
    return False


def _by_query(joined: Set, part: Part) -> Set | None:
    """Take in a file with more about the same queries: joined by prompt, else by id."""
    for role in ("prompt", "query_id"):
        mine, theirs = _column(joined, role), role_by_name(part.sheet.columns, QUERY_WORDS[role])
        if not mine or not theirs:
            continue
        at = _matches(joined.sheet.columns[mine], part.sheet.columns[theirs])
        if _share(at) >= _MATCHED:
            return _taken(joined, part, at, mine, theirs)
    return None


def _taken(joined: Set, part: Part, at: pa.Array, mine: str, key: str) -> Set | None:
    have = {name for name, column in (joined.guess.mapping.query if joined.guess else {}).items() if column in joined.sheet.columns}
    wanted = {role: role_by_name([n for n in part.sheet.columns if n != key], QUERY_WORDS[role]) for role in _JOINED if role not in have}
    if role_by_name([key], QUERY_WORDS["prompt"]):
        wanted.pop("prompt", None)
    own = joined.sheet.columns  # a column of the rows is never replaced: `answer` may be what a model said here, and the reference there
    name_of = {name: f"{Upload(part.sheet.file, b'').stem}.{name}" if name in own else name for name in wanted.values() if name}
    columns = {new: texts(part.sheet.columns[name]).take(at) for name, new in name_of.items() if part.found[name].distinct > 1}
    responses = _responses(joined, part, mine, key)
    columns.update({f"{model} response": said for model, said in responses.items()})
    if not columns:
        return None
    cells = dict(joined.cells)
    if responses:
        cells["response"] = {**cells.get("response", {}), **{model: f"{model} response" for model in responses}}
    words = f"{', '.join(columns)}: found for {_share(at):.0%} of the rows"
    return _noted(joined, part, "joined", words, sheet=joined.sheet.with_columns(columns), cells=cells)


def _responses(joined: Set, part: Part, mine: str, theirs: str) -> dict[str, pa.Array]:
    """Return model -> responses, where a companion names models of the set beside what they said; publishers may be left out."""
    output = role_by_name(part.sheet.columns, ("output", "response"))
    named = next((name for name in part.found if role_by_name([name], ROW_WORDS["model"])), "")
    if not output or not named or part.found[named].distinct > _MODELS_MOST:
        return {}
    names = np.array(labels(part.sheet.columns[named]))
    found = {}
    for model in _models(joined):
        rows = [name for name in dict.fromkeys(names.tolist()) if model in (name, name.rsplit("/", 1)[-1])]
        if len(rows) == 1:
            sheet = part.sheet.take(np.flatnonzero(names == rows[0]))
            found[model] = texts(sheet.columns[output]).take(_matches(joined.sheet.columns[mine], sheet.columns[theirs]))
    return found


def _summary(joined: Set, part: Part) -> Set | None:
    """Leave aside a table with one row for each model of the set: it says nothing of single queries."""
    column = model_column(part.sheet)
    names = labels(part.sheet.columns[column]) if column else []
    if len(set(names)) < len(names) or 2 * len(set(names) & set(_models(joined))) < max(2, len(names)):
        return None
    return _noted(joined, part, "not used", f"figures of {len(names)} models, a row a model: nothing in it is about a query")


def _other(joined: Set, part: Part) -> Set | None:
    """Leave a table of outcomes alone, but mark the rows whose prompt it has too: a test question that is in train is a leak."""
    if part.guess is None:
        return None
    words = f"{_rows(len(part.sheet))} of another set: open it by itself"
    mine, theirs = _column(joined, "prompt"), part.guess.mapping.query.get("prompt", "")
    at = _matches(joined.sheet.columns[mine], part.sheet.columns[theirs]) if mine and theirs in part.sheet.columns else None
    if at is None or at.null_count == len(at):
        return _noted(joined, part, "another set", words)
    more = f" and {len(part.sheet.files) - 1} more" if len(part.sheet.files) > 1 else ""
    name = f"{ALSO_IN}{part.sheet.file}{more}"
    marks = pc.if_else(pc.is_valid(at), pa.scalar("yes", pa.large_string()), pa.scalar(None, pa.large_string()))
    count = pc.count_distinct(joined.sheet.columns[mine].filter(pc.is_valid(at))).as_py()
    words = f"{words}; {count:,} of its prompts are among these rows, marked in the column {name!r}"
    return _noted(joined, part, "another set", words, sheet=joined.sheet.with_columns({name: marks}))


def _matches(mine: pa.Array, theirs: pa.Array) -> pa.Array:
    """Return (n,) the row of the other file with the same text, null where there is none; exact, then without spare space."""
    mine, theirs = texts(mine), texts(theirs)
    at = pc.index_in(mine, value_set=theirs, skip_nulls=True)
    if at.null_count:
        plain = [pc.utf8_trim_whitespace(pc.replace_substring_regex(c, r"\s+", " ")) for c in (mine, theirs)]
        at = pc.coalesce(at, pc.index_in(plain[0], value_set=plain[1], skip_nulls=True))
    return at


def _share(at: pa.Array) -> float:
    return 1.0 - float(at.null_count) / max(1, len(at))


def _column(joined: Set, role: str) -> str:
    column = joined.guess.mapping.query.get(role, "") if joined.guess else ""
    return column if column in joined.sheet.columns else ""


def _models(joined: Set) -> list[str]:
    if joined.guess is None:
        return []
    mapping = joined.guess.mapping
    return labels(joined.sheet.columns[mapping.query["model"]].unique()) if mapping.shape == "long" else list(mapping.models)


def _concatenated(columns: Sequence[pa.Array]) -> pa.Array:
    if len({str(column.type) for column in columns}) > 1:
        columns = [texts(column) for column in columns]
    return pa.concat_arrays(columns)
