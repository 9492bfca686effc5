"""What formats of call logs share: one query a question, repeats as samples, calls counted once, remarks on what was left out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar, TypeAlias

from data.problems import refuse
from data.readers.formats.base import FILE, Format, Row, dig, opened
from data.readers.mapping import CELL_ROLES
from data.readers.values import MISSING
from data.readers.vocabulary import CELL_WORDS, flat

Seen: TypeAlias = tuple[Any, Any, Any, Any, bool]
NOTE, KEY, CALL = "@note", "@key", "call"
_TOLD = "@told"
_AGAIN = (
    "calls that ask what an earlier call asked: they share its query",
    "Look at the query ids if they were not meant to be the same question.",
)
_TWICE = ("calls that are in the files twice, counted once", "Nothing to do, unless ids were used twice for different calls.")
FAILED = ("calls that failed: they count as not run", "Nothing to do; costs of failed calls are not in the table.")
_EMPTY = ("calls without an answer, a score, tokens, time or cost: they count as not run", "Nothing to do.")
OTHER = ("spans that are no calls of a model (tools, agents, web requests), left out", "Nothing to do.")
WRAPPED = ("calls that only wrap another recorded call, left out", "Nothing to do: their tokens are those of the call within.")
EMBEDDED = ("embeddings, which are no answers, left out", "Nothing to do.")
WAITING = ("requests without a result: they count as not run", "Add the file with their results, if there is one.")
UNNAMED = ("calls that name no model, left out", "Nothing to do; the log doesn't say who answered.")
_PROPENSITIES = ("propensity", "selection_probability", "logging_probability")


class Calls(Format):
    """A log with a record a call.

    `rows` may yield, beside the roles of a row:

    call : the id of the call, by which a call that is in two files is counted once.
    @key : what makes two calls the same question (`chat.asked`).
    @note : (what, fix) to be told with the number of such rows; a row without a model is nothing but its note.

    by_id : the log names its questions, and query_id is that name; else calls with the same messages are one query, under the id of
    the first of them, so that a question put to two models is one query with two cells.
    """

    by_id: ClassVar[bool] = False

    def together(self, rows: list[Row]) -> list[Row]:
        """Return the calls with their queries' ids and, where a model was asked again, the numbers of samples.

        Raises ProblemError if no call is among them.
        """
        told = Counter(row.get(NOTE, UNNAMED) for row in rows if NOTE in row or not row.get("model"))
        told.update(_EMPTY for row in rows if NOTE not in row and row.get("model") and all(row.get(role) is None for role in CELL_ROLES))
        calls = _once([row for row in rows if row.get("model")], told)
        if not calls:
            said = "".join(f" {_sentence(what, count)}" for (what, _), count in told.items())
            file = rows[0][FILE] if rows else ""
            raise refuse(f"there is no answer of a model in it ({self.title}).{said}", "Choose a file with calls of models.", file=file)
        calls = _sampled(_queried(calls, told, by_id=self.by_id))
        calls[0] = {**calls[0], _TOLD: tuple(told.items())}
        return calls

    def remarks(self, rows: Sequence[Row]) -> Iterable[tuple[str, str]]:
        """Yield what was left out or taken together, each with its number."""
        for row in rows[:1]:
            for (what, fix), count in row.get(_TOLD, ()):
                yield _sentence(what, count), fix


def failed(row: Row) -> Row:
    """Return the row of a call that failed: who was asked what, and no outcome."""
    kept = ("query_id", "model", "prompt", "reference", "task", "timestamp", CALL, KEY)
    return {**{name: row[name] for name in kept if name in row}, NOTE: FAILED}


def steps(spans: Iterable[Seen]) -> dict[Any, tuple[int, int]]:
    """Return id -> (step from 1, number of steps) of the calls of each trace, by time.

    spans : (id, id of the parent, id of the trace, start, whether it is a model's call) of all spans, calls or not.
    A call around another one is left out: frameworks record a wrapper around a call with the same tokens again.
    """
    every = list(spans)
    parents = {own: parent for own, parent, *_ in every}
    outer: set[Any] = set()
    for _, at, _, _, call in every:
        while call and at is not None and at not in outer:
            outer.add(at)
            at = parents.get(at)  # noqa: PLW2901  # up to the root
    traces: dict[Any, list[Any]] = {}
    for own, _, trace, _, call in sorted(every, key=lambda span: span[3]):
        if call and own not in outer:
            traces.setdefault(trace, []).append(own)
    return {own: (i, len(of)) for of in traces.values() for i, own in enumerate(of, start=1)}


def scores(holders: Iterable[Mapping[str, Any]], call: Any, *, last: bool) -> Row:
    """Return the scores of a call as columns `score.NAME`, and as quality the first whose name says that an answer is right or good.

    holders : a trace and an observation with `scores`; a score that names no observation is that of the last call of its trace.
    A score of toxicity, hallucination or length is kept as a column; a high value of it isn't a good answer.
    """
    row: Row = {}
    for each in (score for holder in holders for score in opened(holder.get("scores")) or ()):
        mine = isinstance(each, Mapping) and (each.get("observationId") == call or (last and not each.get("observationId")))
        if not mine or each.get("dataType") == "CORRECTION":
            continue
        name, value = str(each["name"]), each.get("value")
        if value is None or each.get("dataType") == "CATEGORICAL":
            value = each.get("stringValue")
        if value is not None:
            row.setdefault(f"score.{name}", value)
            row.update({"quality": value} if flat(name) in CELL_WORDS["quality"] and "quality" not in row else {})
    return row


def propensity(*records: Any) -> float | None:
    """Return the probability with which the log's policy picked the model, where one of the objects names it."""
    values = (dig(opened(record), name) for record in records for name in _PROPENSITIES)
    found = next((value for value in values if value is not None and str(value).lower() not in MISSING), None)
    return None if found is None else float(found)


def _sentence(what: str, count: int) -> str:
    return f"{what}: {count:,}."


def _once(rows: Sequence[Row], told: Counter[Any]) -> list[Row]:
    seen: set[str] = set()
    kept: list[Row] = []
    for row in rows:
        call = row.get(CALL)
        if call in seen:
            told[_TWICE] += 1
            continue
        if call is not None:
            seen.add(call)
        kept.append({name: value for name, value in row.items() if name != NOTE})
    return kept


def _queried(rows: Sequence[Row], told: Counter[Any], *, by_id: bool) -> list[Row]:
    """Return the rows with a query id each; an id that stands for two different questions becomes two."""
    names: dict[tuple[Any, ...], str] = {}
    taken: set[str] = set()
    known: dict[Any, Any] = {}
    for row in rows:
        if by_id and KEY in row:
            known.setdefault(row.get("query_id"), row[KEY])
    out: list[Row] = []
    for number, row in enumerate(rows, start=1):
        own, key = row.get("query_id"), row.get(KEY)
        if by_id:
            question: tuple[Any, ...] = (own, known.get(own) if key is None else key)
        else:
            question = ("asked", key) if key is not None else ("named", number if own is None else own)
            told.update([_AGAIN] if names.get(question, own) != own else [])
        if question not in names:
            names[question] = _free(str(number) if own is None else str(own), taken)
        out.append({**{name: value for name, value in row.items() if name != KEY}, "query_id": names[question], "model": str(row["model"])})
    prompts = {row["query_id"]: row["prompt"] for row in reversed(out) if row.get("prompt")}
    return [row if row.get("prompt") or not prompts else {**row, "prompt": prompts.get(row["query_id"])} for row in out]


def _free(name: str, taken: set[str]) -> str:
    free, count = name, 1
    while free in taken:
        count += 1
        free = f"{name} ({count})"
    taken.add(free)
    return free


def _sampled(rows: list[Row]) -> list[Row]:
    count: Counter[tuple[str, str]] = Counter()
    numbered = []
    for row in rows:
        cell = (row["query_id"], row["model"])
        count[cell] += 1
        numbered.append({**row, "sample": count[cell]})
    return numbered if max(count.values(), default=0) > 1 else rows
