"""Long sheets: a row per query and model, or per sample, or per policy."""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa

from data.readers.base import Guess, Sheet
from data.readers.mapping import EVERY
from data.readers.profile import Profile
from data.readers.values import texts
from data.readers.vocabulary import CELL_WORDS, QUERY_WORDS, ROW_WORDS, SIGNAL_WORDS, parted, ranked_by_name, role_by_name
from data.readers.wide import finished, query_roles

_OUTCOME_POLICIES = ("oracle", "best_of", "hindsight")
_MODELS_MOST = 500
_LOOKED_AT = 5_000
_DIFFER = 0.05
_USED = ("cost_usd", "latency_s", "tokens_in", "tokens_out", "tokens_total")


def guess(sheet: Sheet, found: Mapping[str, Profile]) -> Guess | None:
    """Return the long mapping of a sheet, or None if no column names models whose rows share queries.

    Without scores, and without a reference for the answers, it is a log: rows with an id or a prompt, and what a call used or said.
    """
    rows = _row_roles(sheet, found)
    if "model" not in rows:
        return None
    rest = {name: profile for name, profile in found.items() if name not in rows.values()}
    cells = _cells(rest, said=_said_by_models(sheet, rest))
    query = query_roles(sheet, {n: p for n, p in rest.items() if n not in {c for each in cells.values() for c in each.values()}})
    if not {"quality", "answer", "response", *_USED} & set(cells) or not {"query_id", "prompt"} & set(query):
        return None
    if "quality" not in cells and {"answer", "response"} & set(cells):
        said = cells.get("answer") or cells["response"]
        rest_of = {role: each for role, each in cells.items() if role not in ("answer", "response")}
        cells = {"answer" if "reference" in query else "response": said, **rest_of}
    signals = {
        signal: {EVERY: name}
        for signal, words in SIGNAL_WORDS.items()
        if (name := role_by_name(rest, words)) and rest[name].kind not in ("text", "empty")
    }
    return finished(sheet, found, shape="long", query={**query, **rows}, cells=cells, signals=signals)


def outcome_policies(sheet: Sheet, column: str) -> tuple[str, ...]:
    """Return the policies of a column that chose rows by their outcome: by the name that says so."""
    from data.readers.values import labels

    names = labels(sheet.columns[column].unique())
    return tuple(name for name in names if any(word in name.lower() for word in _OUTCOME_POLICIES))


def _row_roles(sheet: Sheet, found: Mapping[str, Profile]) -> dict[str, str]:
    rows: dict[str, str] = {}
    for role in ("model", "policy", "sample"):
        names = ranked_by_name((n for n, p in found.items() if p.kind != "empty" and n not in rows.values()), ROW_WORDS[role])
        column = next((name for name in names if _can_be(role, sheet, found[name])), "")
        if column:
            rows[role] = column
    return rows


def _can_be(role: str, sheet: Sheet, column: Profile) -> bool:
    if role == "sample":
        return column.distinct > 1 and column.distinct < len(sheet)
    repeated = column.distinct <= min(_MODELS_MOST, max(2, len(sheet) // 2))
    return column.kind == "text" and column.length < 120 and repeated


def _cells(found: Mapping[str, Profile], *, said: bool) -> dict[str, dict[str, str]]:
    """Return role -> EVERY -> column; `said` : a column called `answer` is what a model said."""
    cells: dict[str, dict[str, str]] = {}
    for role, words in CELL_WORDS.items():
        numeric = role not in ("answer", "response")
        names = [n for n, p in found.items() if p.kind != "empty" and (p.nearly > 0.5 or not numeric) and n not in _taken(cells)]
        known = words if role != "answer" or said else tuple(word for word in words if not word.startswith("answer"))
        column = role_by_name(names, known)
        if column:
            cells[role] = {EVERY: column}
    if "quality" not in cells:  # whose score it is: `judge_score`
        named = [n for n, p in found.items() if p.kind in ("flag", "unit", "number") and parted(n)[:1] and parted(n)[0][0] == "quality"]
        cells = {"quality": {EVERY: named[0]}, **cells} if len(named) == 1 else cells
    return cells


def _taken(cells: Mapping[str, Mapping[str, str]]) -> set[str]:
    return {column for each in cells.values() for column in each.values()}


def _said_by_models(sheet: Sheet, found: Mapping[str, Profile]) -> bool:
    """Whether a column called `answer` is what models said.

    Another one is the reference, or it differs between the rows of a query, or it is all that a log without scores has of an answer.
    """
    if _has_gold(found) or not role_by_name(found, (*CELL_WORDS["quality"], *CELL_WORDS["response"])):
        return True
    column = role_by_name(found, ("answer", "answers"))
    key = role_by_name(found, QUERY_WORDS["query_id"]) or role_by_name(found, QUERY_WORDS["prompt"])
    if not column or not key or column == key:
        return False
    each = pa.table({name: texts(sheet.columns[at].slice(0, _LOOKED_AT)) for name, at in (("query", key), ("answer", column))})
    count = each.group_by("query").aggregate([("answer", "count_distinct")]).column("answer_count_distinct").to_numpy()
    return bool(len(count) and (count > 1).mean() > _DIFFER)


def _has_gold(found: Mapping[str, Profile]) -> bool:
    """Whether a column other than `answer` is the reference, so that `answer` is what a model said."""
    return bool(role_by_name(found, tuple(word for word in QUERY_WORDS["reference"] if word != "answer")))
