"""The audit of a table as a report: what was read, what is wrong with it, what that does to the conclusions, what was done about it.

The parts are gathered once (`report`) and put into words once (`document`); Markdown, HTML and text say the same. The same table gives
the same report: no clock, no path of a machine.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from data.audit.base import Choice, Finding, audit
from data.audit.document import Block, Bullets, Document, Grid, Heading, Paragraph, visible
from data.audit.effect import KEPT, Conclusions, Effect, conclusions, consequences, money, percent
from data.cards import TableFacts, facts
from data.outcomes import HistoryLine, OutcomeTable
from data.problems import Problem, listed

if TYPE_CHECKING:
    from data.readers.base import FileNote, Reading

ROWS_SHOWN = 20
_COLUMNS_SHOWN = 200
_PROMPT = 60
_NAME = 120
_DETAIL = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row of a finding: its place in the table from 1, its id, and how its prompt begins."""

    row: int
    id: str
    prompt: str


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Entry:
    """One finding, its first rows, and choice -> what that would change; a settled finding has no effects."""

    finding: Finding
    first: tuple[Row, ...]
    effects: Mapping[Choice, Effect]


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Report:
    """All that a report says. files : notes of the reader, or names alone where the files are not at hand.

    columns : (column, role, model) of the mapping that was applied. warnings : what the reader assumed.
    """

    name: str
    about: str
    facts: TableFacts
    fingerprint: str
    files: tuple[FileNote | str, ...]
    columns: tuple[tuple[str, str, str], ...]
    conclusions: Conclusions
    entries: tuple[Entry, ...]
    history: tuple[HistoryLine, ...]
    warnings: tuple[Problem, ...] = field(default=())


def report(table: OutcomeTable, reading: Reading | None = None, findings: Sequence[Finding] | None = None) -> Report:
    """Return the report of a table. reading : of its files, if at hand. findings : of its audit, if at hand."""
    found = audit(table) if findings is None else findings
    now = conclusions(table)
    return Report(
        name=table.origin.name,
        about=table.origin.note,
        facts=facts(table),
        fingerprint=table.fingerprint,
        files=reading.files if reading is not None else _files(table),
        columns=_columns(table),
        conclusions=now,
        entries=tuple(_entry(table, finding, now) for finding in found),
        history=table.history,
        warnings=reading.warnings if reading is not None else (),
    )


def document(said: Report) -> Document:
    """Return a report as the parts that are rendered."""
    return (
        Heading(text=f"Audit of {visible(said.name, _NAME)}", level=1),
        Paragraph(text=f"{said.facts.sentence}. {summary([entry.finding for entry in said.entries])}"),
        *_what_was_read(said),
        Heading(text="Conclusions"),
        Bullets(items=tuple(conclusion_words(said.conclusions))),
        *_findings(said),
        *_models(said),
        *_missing(said),
        *_history(said),
    )


def as_json(said: Report) -> dict[str, Any]:
    """Return a report as plain JSON values: NaN is null, rows count from 1."""
    plain = {
        "routescope_audit": 1,
        "name": said.name,
        "fingerprint": said.fingerprint,
        "sentence": said.facts.sentence,
        "files": [{"name": each} if isinstance(each, str) else asdict(each) for each in said.files],
        "columns": [dict(zip(("column", "role", "model"), each, strict=True)) for each in said.columns],
        "conclusions": {**asdict(said.conclusions), "caveats": said.conclusions.caveats},
        "findings": [_entry_json(entry) for entry in said.entries],
        "models": [
            {name: getattr(each, name) for name in ("known", "missing", *_MEANS)} | {"model": each.card.name} for each in said.facts.models
        ],
        "history": [{"action": line.action, "detail": line.detail} for line in said.history],
        "warnings": [asdict(warning) for warning in said.warnings],
    }
    return {name: _plain(value) for name, value in plain.items()}


def summary(findings: Sequence[Finding]) -> str:
    """Return how many findings of which severity are open, as a sentence."""
    if not findings:
        return "No check finds anything."
    opened = [finding for finding in findings if not finding.settled]
    counts = {name: sum(finding.severity == name for finding in opened) for name in ("error", "warning", "info")}
    one, many = {"error": "error", "warning": "warning", "info": "note"}, {"error": "errors", "warning": "warnings", "info": "notes"}
    parts = [f"{count:,} {one[name] if count == 1 else many[name]}" for name, count in counts.items() if count]
    settled = len(findings) - len(opened)
    tail = f"; {settled:,} settled" if settled else ""
    return f"{len(findings):,} finding{'' if len(findings) == 1 else 's'}: {', '.join(parts) or 'none open'}{tail}."


def conclusion_words(found: Conclusions) -> Iterator[str]:
    """Yield the conclusions of a table as sentences."""
    if found.best:
        yield f"Best model: {found.best}, mean quality {percent(found.quality[found.best], 1)}."
    if found.cheapest:
        yield f"Cheapest model: {found.cheapest}, mean cost {money(found.cost[found.cheapest], found.unit)} a query."
    if not math.isnan(found.saving):
        yield (
            f"Mixing two models at random keeps {percent(KEPT)} of the best model's quality and costs {percent(found.saving)} less. "
            f"An oracle, which knows every answer beforehand and so is a bound, would cost {_less(found.bound)}."
        )
    if found.common:
        costed = f", {found.billed:,} of them with all costs" if found.billed != found.common else ""
        yield f"These rest on the {found.common:,} of {found.queries:,} queries that every model answered{costed if found.billed else ''}."
    yield from (f"{caveat[:1].upper()}{caveat[1:]}." for caveat in found.caveats)


_MEANS = ("mean_quality", "mean_cost_usd", "mean_latency_s", "mean_tokens_in", "mean_tokens_out")


def _less(share: float) -> str:
    return f"{percent(share)} less" if share >= 0 else f"{percent(-share)} more"


def _entry(table: OutcomeTable, finding: Finding, now: Conclusions) -> Entry:
    prompts = table.queries.prompts
    first = [
        Row(row=row + 1, id=table.queries.ids[row] or "", prompt=visible((prompts[row] or "") if prompts is not None else "", _PROMPT))
        for row in (int(at) for at in finding.rows[:ROWS_SHOWN])
    ]
    return Entry(finding=finding, first=tuple(first), effects={} if finding.settled else consequences(table, finding, now))


def _read_line(table: OutcomeTable) -> Mapping[str, Any]:
    return next((line.values for line in table.history if line.action == "read"), {})


def _files(table: OutcomeTable) -> tuple[str, ...]:
    return tuple(str(name) for name in _read_line(table).get("files", ()))


def _columns(table: OutcomeTable) -> tuple[tuple[str, str, str], ...]:
    from data.readers.mapping import Mapping as ColumnMapping

    mapping = _read_line(table).get("mapping")
    used = ColumnMapping.from_json(mapping).columns if mapping else {}
    return tuple((column, role, model) for column, (role, model) in used.items())


def _what_was_read(said: Report) -> Iterator[Block]:
    yield Heading(text="What was read")
    if said.about:
        yield Paragraph(text=said.about)
    if said.files:
        head = ("File", "Used as", "What", "Format", "Bytes", "SHA-256")
        rows = [(each, "", "", "", "", "") if isinstance(each, str) else
                (each.name, each.use, each.words, each.format, f"{each.bytes:,}", each.sha256) for each in said.files]  # fmt: skip
        yield _grid(head, rows, right=("Bytes",))
    if said.columns:
        shown = said.columns[:_COLUMNS_SHOWN]
        yield _grid(("Column", "Role", "Model"), [(visible(c, _NAME), r, visible(m, _NAME)) for c, r, m in shown])
        if len(said.columns) > len(shown):
            yield Paragraph(text=f"And {len(said.columns) - len(shown):,} more columns.", faint=True)
    if said.warnings:
        yield Bullets(items=tuple(str(warning) for warning in said.warnings))
    yield Paragraph(text=f"Fingerprint of the table: {said.fingerprint}.", faint=True)


def _findings(said: Report) -> Iterator[Block]:
    yield Heading(text="Findings")
    if not said.entries:
        yield Paragraph(text="No check finds anything.")
        return
    rows = [
        (
            each.finding.severity,
            each.finding.title,
            f"{len(each.finding.rows):,}",
            listed(each.finding.models, 4),
            each.finding.settled or "open",
        )
        for each in said.entries
    ]
    yield _grid(("Severity", "Finding", "Rows", "Models", "State"), rows, right=("Rows",))
    for entry in said.entries:
        yield from _finding(entry)


def _finding(entry: Entry) -> Iterator[Block]:
    finding = entry.finding
    state = f" (settled: {finding.settled})" if finding.settled else ""
    yield Heading(text=f"{finding.severity.capitalize()}: {finding.title}{state}", level=3, mark=finding.severity)
    yield Paragraph(text=finding.meaning)
    whose = f" of {listed(finding.models, 4)}" if finding.models else ""
    if entry.first:
        some = f", the first {len(entry.first)} of them" if len(finding.rows) > len(entry.first) else ""
        yield Paragraph(
            text=f"{len(finding.rows):,} {'row' if len(finding.rows) == 1 else 'rows'}{whose} ({finding.id}){some}:", faint=True
        )
        prompts = any(row.prompt for row in entry.first)
        head = ("Row", "Id", "Prompt")[: 3 if prompts else 2]
        yield _grid(head, [(f"{row.row:,}", visible(row.id, _NAME), row.prompt)[: len(head)] for row in entry.first], right=("Row",))
    elif whose:
        yield Paragraph(text=f"All queries{whose} ({finding.id}).", faint=True)
    if not finding.settled:
        rows = [(choice, words, _effect_words(entry, choice)) for choice, words in finding.choices.items()]
        yield _grid(("Choice", "What it does", "What that does to the conclusions"), rows)


def _effect_words(entry: Entry, choice: Choice) -> str:
    if choice in entry.effects:
        return str(entry.effects[choice])
    return "can't be carried out here"


def _models(said: Report) -> Iterator[Block]:
    yield Heading(text="Models")
    yield Paragraph(text="Each mean is over the queries for which the model's value is known.", faint=True)
    head = ["Model", "Queries", "Quality", "Cost", "Latency (s)", "Tokens in", "Tokens out", "Price from"]
    rows = [
        (
            each.card.name, f"{each.known:,}", percent(each.mean_quality, 1), money(each.mean_cost_usd, said.conclusions.unit),
            _number(each.mean_latency_s), _number(each.mean_tokens_in), _number(each.mean_tokens_out), each.card.tier,
        )
        for each in said.facts.models
    ]  # fmt: skip
    yield _grid(head, rows, right=head[1:7])


def _missing(said: Report) -> Iterator[Block]:
    yield Heading(text="Missing cells")
    rows = [
        (each.card.name, f"{each.missing:,}", f"{each.known + each.missing:,}", percent(1 - each.coverage, 1))
        for each in said.facts.models
        if each.missing
    ]
    if rows:
        yield _grid(("Model", "Missing", "Of", "Share"), rows, right=("Missing", "Of", "Share"))
    else:
        yield Paragraph(text="The quality of every model is known for every query.")


def _history(said: Report) -> Iterator[Block]:
    yield Heading(text="History")
    if said.history:
        yield _grid(("Action", "Detail"), [(line.action, visible(line.detail, _DETAIL)) for line in said.history])
    else:
        yield Paragraph(text="Nothing was done to this table.")


def _grid(head: Sequence[str], rows: Sequence[Sequence[str]], right: Sequence[str] = ()) -> Grid:
    """Return a table without the columns that are empty in every row."""
    used = [i for i in range(len(head)) if any(row[i] for row in rows)]
    places = tuple(place for place, i in enumerate(used) if head[i] in right)
    return Grid(head=tuple(head[i] for i in used), rows=tuple(tuple(row[i] for i in used) for row in rows), right=places)


def _number(value: float) -> str:
    return "unknown" if math.isnan(value) else f"{value:,.1f}"


def _entry_json(entry: Entry) -> dict[str, Any]:
    finding = entry.finding
    return {
        "id": finding.id,
        "severity": finding.severity,
        "title": finding.title,
        "rows": len(finding.rows),
        "first": [asdict(row) for row in entry.first],
        "models": finding.models,
        "meaning": finding.meaning,
        "settled": finding.settled,
        "choices": {
            choice: {"words": words, "changes": entry.effects[choice].words if choice in entry.effects else None}
            for choice, words in finding.choices.items()
        },
    }


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(name): _plain(each) for name, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(each) for each in value]
    if isinstance(value, np.generic):
        return _plain(value.item())
    return None if isinstance(value, float) and not math.isfinite(value) else value
