"""The history of a table as JSON, and played again on the next version of its file.

What each action does in a replay stands in `data.actions`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from data.actions import ACTIONS, DERIVED, READING, Status, counts
from data.outcomes import HistoryLine, OutcomeTable
from data.problems import ProblemError, listed, refuse

if TYPE_CHECKING:
    from data.load import Source
    from data.readers.base import Reading
    from data.readers.mapping import Mapping as ColumnMapping

VERSION = 1
LIMIT_BYTES = 16 * 2**20
_TOP = ("routescope_history", "name", "fingerprint", "lines")
_LINE = ("action", "detail", "values")


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """What `export` writes. name : of the table; fingerprint : of the table at the end of these lines."""

    lines: tuple[HistoryLine, ...]
    name: str = ""
    fingerprint: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What became of one line. words : counts then and now, what is gone, or why it could not be applied."""

    line: HistoryLine
    status: Status
    words: str = ""

    def __str__(self) -> str:
        return f"{self.status}: {self.line.action}" + (f" ({self.words})" if self.words else "")


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Replayed:
    """A table after a replay. steps : a step for each line of the history, in its order. same : as the exported table, bit for bit."""

    table: OutcomeTable
    steps: tuple[Step, ...]
    same: bool

    @property
    def failed(self) -> tuple[Step, ...]:
        """Return the steps that could not be applied."""
        return tuple(step for step in self.steps if step.status == "not applied")


def export(table: OutcomeTable) -> str:
    """Return the history of a table as JSON that `replay` understands, the same text for the same table."""
    lines = [{"action": line.action, "detail": line.detail, "values": _plain(line.values)} for line in table.history]
    whole = dict(zip(_TOP, (VERSION, table.origin.name, table.fingerprint, lines), strict=True))
    return json.dumps(whole, ensure_ascii=False, indent=1, allow_nan=False) + "\n"


def parsed(text: str) -> History:
    """Return the history in a text that `export` wrote; raises ProblemError for anything else, unknown fields by name."""
    try:
        whole = json.loads(text)
    except (ValueError, RecursionError):
        raise refuse("this is no history: it is no valid JSON.", "Choose the file that was exported.") from None
    if not isinstance(whole, dict) or "routescope_history" not in whole:
        raise refuse("this JSON is no history of a table.", "Choose the file that was exported.")
    if whole["routescope_history"] != VERSION:
        raise refuse(f"the history has version {whole['routescope_history']!r}, not {VERSION}.", "Export it again from this version.")
    _known(whole, _TOP, "a history")
    name, fingerprint, lines = (whole.get(field) for field in _TOP[1:])
    if not isinstance(lines, list) or not isinstance(name, str) or not isinstance(fingerprint, str):
        raise refuse("the history is damaged: its lines, name or fingerprint are not what they should be.", "Export it again.")
    return History(lines=tuple(_line(i, line) for i, line in enumerate(lines, 1)), name=name, fingerprint=fingerprint)


def replay(
    history: str | Path | History | Sequence[HistoryLine],
    source: Source | Reading | OutcomeTable,
    *,
    drop_bad_rows: bool = False,
    name: str = "",
) -> Replayed:
    """Return the table that a history makes of a source, and what became of each of its lines.

    history : the path of an exported file, its text, or lines. source : files (of the next version), their reading, or a table, which
        counts as read. drop_bad_rows : leave out rows with problems even if the history didn't.
    What no longer fits is said in the steps, and noted in the table's history, but is no error.
    Raises ProblemError where the files can't be read, where none of the mapping's columns is there, and for bad rows that nobody
    said to leave out.
    """
    said = _history(history)
    table, steps = _start(said.lines, _opened(source, name), drop=drop_bad_rows, name=name)
    for line in said.lines[len(steps) :]:
        table, step = _applied(table, line)
        steps.append(step)
    failed = [step for step in steps if step.status == "not applied"]
    same = bool(said.fingerprint) and table.fingerprint == said.fingerprint
    if failed:
        detail = f"{len(failed):,} of {len(steps):,} lines of a history could not be applied: {listed([s.line.action for s in failed], 4)}"
        table = table.noted("replayed", detail, failed=[[s.line.action, s.line.detail, s.words] for s in failed])
    return Replayed(table=table, steps=tuple(steps), same=same)


def _history(history: str | Path | History | Sequence[HistoryLine]) -> History:
    if isinstance(history, History):
        return history
    if not isinstance(history, (str, Path)):
        return History(lines=tuple(history))
    if isinstance(history, str) and history.lstrip()[:1] in ("{", "["):
        return parsed(history)
    path = Path(history)
    try:
        if path.stat().st_size > LIMIT_BYTES:
            raise refuse(f"the history is larger than {LIMIT_BYTES / 2**20:,.0f} MB.", "Choose the file that was exported.", file=str(path))
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise refuse("this is no history: it is no UTF-8 text.", "Choose the file that was exported.", file=str(path)) from None
    except OSError as error:
        raise refuse(f"the history can't be opened ({error.strerror}).", "Choose the file that was exported.", file=str(path)) from None
    try:
        return parsed(text)
    except ProblemError as error:
        raise ProblemError(*(replace(problem, file=str(path)) for problem in error.problems)) from None


def _opened(source: Source | Reading | OutcomeTable, name: str) -> Reading | OutcomeTable:
    from data.load import opened
    from data.readers.base import Reading

    return source if isinstance(source, (OutcomeTable, Reading)) else opened(source, name=name)


def _start(lines: Sequence[HistoryLine], source: Reading | OutcomeTable, *, drop: bool, name: str) -> tuple[OutcomeTable, list[Step]]:
    """Return the table as it is read, with the steps of the lines up to the last that belongs to reading."""
    read = next((line for line in lines if line.action == "read"), None)
    dropped = next((line for line in lines if line.action == "dropped bad rows"), None)
    last = max((i for i, line in enumerate(lines) if line.action in READING), default=-1)
    if isinstance(source, OutcomeTable):
        words = {"read": "the table is read already", "dropped bad rows": "the table is read already"}
        table = source
    else:
        from data.readers.detect import finish

        mapping, said = (source.mapping, "") if read is None else _mapping(read, source)
        table = finish(source, mapping, drop_bad_rows=drop or dropped is not None, name=name)
        words = {"read": said, "dropped bad rows": "" if dropped is None else _dropped_words(dropped, table)}
    steps = []
    for line in lines[: last + 1]:
        if line.action in words:
            status: Status = "derived" if isinstance(source, OutcomeTable) else "applied"
            steps.append(Step(line=line, status=status, words=words[line.action]))
        else:
            table, step = _applied(table, line)
            steps.append(step)
    return table, steps


def _mapping(line: HistoryLine, reading: Reading) -> tuple[ColumnMapping, str]:
    """Return the mapping of a read line as far as its columns are there, and words about those that aren't, or are new.

    An id, a prompt and the like whose column is gone are read from the column that looks like it now.
    """
    from data.readers.mapping import Mapping as ColumnMapping

    try:
        mapping = ColumnMapping.from_json(line.values["mapping"])
        sound = _sound(mapping)
    except (KeyError, TypeError, ValueError, AttributeError):
        sound = False
    if not sound:
        raise refuse("the history's mapping is damaged.", "Export the history again, or map the file by hand.")
    used = {**mapping.columns, **{column: (role, "") for role, column in mapping.divided_by.items()}}
    gone = [column for column in used if column not in reading.sheet.columns and not column.startswith("@")]
    taken: dict[str, str] = {}
    if gone:
        lost, mapping = mapping.query, _without(mapping, set(gone))
        spoken = {*mapping.columns, *mapping.divided_by.values()}
        mine = {role: column for role, column in reading.mapping.query.items() if role in lost and role not in mapping.query}
        taken = {role: column for role, column in mine.items() if role != "model" and column not in spoken}
        mapping = replace(mapping, query={**mapping.query, **taken})
        if not ({"quality", "answer", "response"} & set(mapping.cells)) or (mapping.shape == "long" and "model" not in mapping.query):
            what = f"the file lacks columns that the history maps: {listed(gone)}."
            raise refuse(what, "Choose the next version of the same file, or map this one by hand.", file=reading.sheet.file)
    new = [column for column, (role, model) in reading.mapping.columns.items() if column not in used and (model or role == "quality")]
    said = [f"no longer there: {listed(gone)}"] if gone else []
    said += [f"read instead: {listed([f'{column} as {role}' for role, column in taken.items()])}"] if taken else []
    said += [f"not in the history, so not read: {listed(new)}"] if new else []
    return (reading.mapping if mapping == reading.mapping else mapping), "; ".join(said)


def _sound(mapping: ColumnMapping) -> bool:
    """Whether a mapping that came as JSON holds texts and numbers where it has to: it comes from a file that anybody may have written."""
    from data.readers.mapping import CELL_ROLES, QUERY_ROLES, ROW_ROLES

    words = (*mapping.missing, *mapping.right, *mapping.wrong, *mapping.outcome_policies, mapping.scorer, *mapping.columns)
    texts = (*words, *mapping.divided_by.values(), *(model for _, model in mapping.columns.values()))
    known = {*mapping.query} <= {*QUERY_ROLES, *ROW_ROLES} and {*mapping.cells} <= {*CELL_ROLES}
    numbers = all(isinstance(value, (int, float)) for value in mapping.factors.values())
    return known and numbers and all(isinstance(text, str) for text in texts) and mapping.shape in ("wide", "long")


def _without(mapping: ColumnMapping, gone: set[str]) -> ColumnMapping:
    """Return the mapping without some columns, and without values that can't be brought to their unit any more."""
    unscaled = {role for role, column in mapping.divided_by.items() if column in gone}

    def left(cells: Mapping[str, Mapping[str, str]]) -> dict[str, dict[str, str]]:
        kept = {role: {model: column for model, column in each.items() if column not in gone} for role, each in cells.items()}
        return {role: each for role, each in kept.items() if each and role not in unscaled}

    query = {role: column for role, column in mapping.query.items() if column not in gone}
    divided = {role: column for role, column in mapping.divided_by.items() if role not in unscaled}
    return replace(mapping, query=query, cells=left(mapping.cells), signals=left(mapping.signals), divided_by=divided)


def _dropped_words(line: HistoryLine, table: OutcomeTable) -> str:
    now = next((each for each in reversed(table.history) if each.action == "dropped bad rows"), None)
    return counts(len(line.values.get("rows", ())), 0 if now is None else len(now.values["rows"]))


def _applied(table: OutcomeTable, line: HistoryLine) -> tuple[OutcomeTable, Step]:
    if line.action in DERIVED:
        return table, Step(line=line, status="derived", words=DERIVED[line.action])
    if line.action not in ACTIONS:
        return table, Step(line=line, status="not applied", words="this version knows no such action")
    try:
        table, status, words = ACTIONS[line.action](table, line.values)
    except ProblemError as error:
        return table, Step(line=line, status="not applied", words=str(error))
    except (KeyError, TypeError, ValueError, AttributeError):
        return table, Step(line=line, status="not applied", words="the line's values are damaged")
    return table, Step(line=line, status=status, words=words)


def _known(values: Mapping[str, Any], fields: Sequence[str], what: str) -> None:
    strange = [name for name in values if name not in fields]
    if strange:
        raise refuse(f"{what} has no field {strange[0]!r}.", f"Fields: {', '.join(fields)}.")


def _line(number: int, line: Any) -> HistoryLine:
    if not isinstance(line, dict):
        raise refuse(f"line {number:,} of the history is no object.", "Export it again.")
    _known(line, _LINE, f"line {number:,} of the history")
    action, detail, values = line.get("action"), line.get("detail", ""), line.get("values", {})
    if not isinstance(action, str) or not isinstance(detail, str) or not isinstance(values, dict):
        raise refuse(f"line {number:,} of the history is damaged.", "It has an action and a detail as texts, and values as an object.")
    return HistoryLine(action=action, detail=detail, values=values)


def _plain(value: Any) -> Any:
    """Return a value of a history line as plain JSON: objects, lists, texts, numbers; NumPy's and other strangers as such."""
    if isinstance(value, Mapping):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, (list, tuple, set, frozenset, np.ndarray, Iterator)):
        return [_plain(each) for each in (value.tolist() if isinstance(value, np.ndarray) else value)]
    if isinstance(value, np.generic):
        return _plain(value.item())
    if isinstance(value, float) and not np.isfinite(value):
        return None
    return value if value is None or isinstance(value, (str, int, float, bool)) else str(value)
