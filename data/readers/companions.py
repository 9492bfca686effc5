"""Several files as one set: parts of one table, and files that go with it (references, prices, answers, warnings)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from data.models import ModelCard
from data.readers.base import CONTAMINATED, Guess, Sheet, Use
from data.readers.nested import KEY_COLUMN
from data.readers.profile import Profile
from data.readers.values import labels, parsed, texts
from data.readers.vocabulary import QUERY_WORDS, ROW_WORDS, role_by_name

_MATCHED = 0.5
PRICE_IN = ("input_price", "input_per_mtok", "price_in", "input_cost", "prompt_price", "input", "price_in_usd_per_mtok", "in")
PRICE_OUT = ("output_price", "output_per_mtok", "price_out", "output_cost", "completion_price", "output", "price_out_usd_per_mtok", "out")
_JOINED = ("reference", "task", "prompt", "split")


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Part:
    """One file on its way into a set: its sheet, what its columns look like, and a reader's guess, if any."""

    sheet: Sheet
    found: Mapping[str, Profile]
    guess: Guess | None

    @property
    def weight(self) -> tuple[bool, int]:
        """Return what makes a file the rows of the set rather than a companion: scores first, then size."""
        if self.guess is None or is_price_list(self.sheet):
            return False, 0
        cells = self.guess.mapping.cells
        scored = "quality" in cells
        return scored, len(self.sheet) * max(len(each) for each in cells.values())


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

    The rows are the largest table with scores, and every other table with the same columns (a document with a header
    of its own stays alone). The rest joins by prompt or id, gives prices, or is named as not used.
    """
    main = max(parts, key=lambda part: (*part.weight, len(part.sheet)))
    same = [part for part in parts if part is main or _alike(main, part)]
    sheet = stacked([part.sheet for part in same]) if len(same) > 1 else main.sheet
    uses: dict[str, tuple[Use, str]] = {part.sheet.file: ("rows", f"{len(part.sheet):,} rows") for part in same}
    joined = Set(sheet=sheet, guess=main.guess, uses=uses)
    for part in sorted((p for p in parts if p not in same), key=lambda p: -len(p.sheet)):
        joined = _with(joined, part)
    return joined


def stacked(sheets: Sequence[Sheet]) -> Sheet:
    """Return sheets with the same columns as one, files in the order given; columns in the order of the first."""
    names = list(sheets[0].columns)
    columns = {name: _concatenated([sheet.columns[name] for sheet in sheets]) for name in names}
    return replace(
        sheets[0],
        files=tuple(sheet.file for sheet in sheets),
        columns=columns,
        rows=np.concatenate([sheet.rows for sheet in sheets]),
        source=np.repeat(np.arange(len(sheets), dtype=np.int32), [len(sheet) for sheet in sheets]),
        problems=tuple(problem for sheet in sheets for problem in sheet.problems),
        warnings=tuple(warning for sheet in sheets for warning in sheet.warnings),
    )


def _alike(main: Part, part: Part) -> bool:
    """Whether two files are parts of one table: the same columns, and scores in the same ones."""
    if main.sheet.document or part.sheet.document or set(part.found) != set(main.found) or part.guess is None or main.guess is None:
        return False
    scores = main.guess.mapping.cells.get("quality", {}).values()
    return all(part.found[column].kind not in ("text", "empty") for column in scores)


def is_price_list(sheet: Sheet) -> bool:
    """Whether a sheet is a row a model with prices per million tokens, in and out."""
    return bool(
        role_by_name(sheet.columns, PRICE_IN) and role_by_name(sheet.columns, PRICE_OUT) and _model_column(sheet) and len(sheet) < 2000
    )


def price_cards(sheet: Sheet, models: Sequence[str]) -> tuple[ModelCard, ...]:
    """Return the cards of the models that a price list (USD per million tokens) names."""
    names = labels(sheet.columns[_model_column(sheet)])
    price_in, _ = parsed(sheet.columns[role_by_name(sheet.columns, PRICE_IN)])
    price_out, _ = parsed(sheet.columns[role_by_name(sheet.columns, PRICE_OUT)])
    date = next((str(value) for key, value in sheet.facts.items() if "date" in key.lower()), "")
    return tuple(
        ModelCard(
            name=name,
            price_in_usd_per_mtok=float(price_in[i]),
            price_out_usd_per_mtok=float(price_out[i]),
            tier="list",
            date=date,
            source=sheet.file,
        )
        for i, name in enumerate(names)
        if name in models and not np.isnan(price_in[i])
    )


def _with(joined: Set, part: Part) -> Set:
    """Return the set with one more file taken in, in the first way that fits."""
    for take in (_prices, _contaminated, _answers, _by_query, _other):
        taken = take(joined, part)
        if taken is not None:
            return taken
    return _noted(joined, part, "not used", "nothing in it matches the rows")


def _noted(joined: Set, part: Part, use: Use, words: str, **changes: Any) -> Set:
    return replace(joined, uses={**joined.uses, part.sheet.file: (use, words)}, **changes)


def _prices(joined: Set, part: Part) -> Set | None:
    if not is_price_list(part.sheet) or joined.guess is None:
        return None
    models = _models(joined)
    cards = price_cards(part.sheet, models)
    if not cards:
        return None
    return _noted(joined, part, "prices", f"prices of {len(cards)} of {len(models)} models", cards=(*joined.cards, *cards))


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


def _by_query(joined: Set, part: Part) -> Set | None:
    """Take in a file with more about the same queries: joined by prompt, else by id."""
    for role in ("prompt", "query_id"):
        mine, theirs = _column(joined, role), role_by_name(part.sheet.columns, QUERY_WORDS[role])
        if not mine or not theirs:
            continue
        at = _matches(joined.sheet.columns[mine], part.sheet.columns[theirs])
        if _share(at) >= _MATCHED:
            return _taken(joined, part, at, theirs)
    return None


def _taken(joined: Set, part: Part, at: pa.Array, key: str) -> Set | None:
    have = {name for name, column in (joined.guess.mapping.query if joined.guess else {}).items() if column in joined.sheet.columns}
    wanted = {role: role_by_name([n for n in part.sheet.columns if n != key], QUERY_WORDS[role]) for role in _JOINED if role not in have}
    if role_by_name([key], QUERY_WORDS["prompt"]):
        wanted.pop("prompt", None)
    columns = {name: texts(part.sheet.columns[name]).take(at) for name in wanted.values() if name and part.found[name].distinct > 1}
    response = _response(joined, part)
    if response:
        column, model = response
        columns[f"{model} response"] = texts(part.sheet.columns[column]).take(at)
    if not columns:
        return None
    cells = dict(joined.cells)
    if response:
        cells["response"] = {**cells.get("response", {}), response[1]: f"{response[1]} response"}
    words = f"{', '.join(columns)}: found for {_share(at):.0%} of the rows"
    return _noted(joined, part, "joined", words, sheet=joined.sheet.with_columns(columns), cells=cells)


def _response(joined: Set, part: Part) -> tuple[str, str] | None:
    """Return (column, model) where a companion holds the responses of one model of the set."""
    output = role_by_name(part.sheet.columns, ("output", "response"))
    for column in part.found:
        if output and role_by_name([column], ROW_WORDS["model"]) and part.found[column].distinct == 1:
            named = labels(part.sheet.columns[column].slice(0, 1))[0]
            for model in _models(joined):
                if model in (named, named.rsplit("/", 1)[-1]):
                    return output, model
    return None


def _other(joined: Set, part: Part) -> Set | None:
    if part.guess is None or "quality" not in part.guess.mapping.cells:
        return None
    return _noted(joined, part, "another set", f"{len(part.sheet):,} rows of another set: open it by itself")


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
    return labels(joined.sheet.columns[mapping.query["model"]]) if mapping.shape == "long" else list(mapping.models)


def _model_column(sheet: Sheet) -> str:
    return KEY_COLUMN if KEY_COLUMN in sheet.columns else role_by_name(sheet.columns, (*ROW_WORDS["model"], "name"))


def _concatenated(columns: Sequence[pa.Array]) -> pa.Array:
    if len({str(column.type) for column in columns}) > 1:
        columns = [texts(column) for column in columns]
    return pa.concat_arrays(columns)
