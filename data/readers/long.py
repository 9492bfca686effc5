"""Long sheets: a row per query and model, or per sample, or per policy."""

from __future__ import annotations

from collections.abc import Mapping

from data.readers.base import Guess, Sheet
from data.readers.mapping import EVERY
from data.readers.profile import Profile
from data.readers.vocabulary import CELL_WORDS, ROW_WORDS, SIGNAL_WORDS, ranked_by_name, role_by_name
from data.readers.wide import finished, query_roles

_OUTCOME_POLICIES = ("oracle", "best_of", "hindsight")
_MODELS_MOST = 500


def guess(sheet: Sheet, found: Mapping[str, Profile]) -> Guess | None:
    """Return the long mapping of a sheet, or None if no column names models whose rows share queries."""
    rows = _row_roles(sheet, found)
    if "model" not in rows:
        return None
    rest = {name: profile for name, profile in found.items() if name not in rows.values()}
    cells = _cells(rest)
    query = query_roles(sheet, {n: p for n, p in rest.items() if n not in {c for each in cells.values() for c in each.values()}})
    if not {"quality", "answer", "response"} & set(cells) or not {"query_id", "prompt"} & set(query):
        return None
    if "quality" not in cells:
        if "reference" not in query:
            return None
        cells = {"answer": cells.get("answer") or cells["response"], **{r: c for r, c in cells.items() if r not in ("answer", "response")}}
    signals = {
        word: {EVERY: name} for word in SIGNAL_WORDS if (name := role_by_name(rest, (word,))) and rest[name].kind not in ("text", "empty")
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


def _cells(found: Mapping[str, Profile]) -> dict[str, dict[str, str]]:
    cells: dict[str, dict[str, str]] = {}
    for role, words in CELL_WORDS.items():
        numeric = role not in ("answer", "response")
        names = [n for n, p in found.items() if p.kind != "empty" and (p.nearly > 0.5 or not numeric) and n not in _taken(cells)]
        known = words if role != "answer" or _has_gold(found) else tuple(word for word in words if not word.startswith("answer"))
        column = role_by_name(names, known)
        if column:
            cells[role] = {EVERY: column}
    return cells


def _taken(cells: Mapping[str, Mapping[str, str]]) -> set[str]:
    return {column for each in cells.values() for column in each.values()}


def _has_gold(found: Mapping[str, Profile]) -> bool:
    """Whether a column other than `answer` is the reference, so that `answer` is what a model said."""
    from data.readers.vocabulary import QUERY_WORDS

    return bool(role_by_name(found, tuple(word for word in QUERY_WORDS["reference"] if word != "answer")))
