"""What the commands of `python -m data` do; `data.cli` reads their options and prints what they say."""

from __future__ import annotations

import json
import math
from argparse import Namespace
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from data.audit import Finding
from data.audit import audit as audited
from data.audit import report as reports
from data.audit.document import Block, Bullets, Document, Grid, Heading, Paragraph, markdown, page, text, visible
from data.cards import understood
from data.history import Replayed, export
from data.history import replay as replayed
from data.load import load, opened, uploads
from data.models import ModelCard
from data.outcomes import OutcomeTable
from data.prices import suggested
from data.problems import refuse
from data.readers.base import Reading, Sheet
from data.readers.detect import finish
from data.readers.formats.base import formats as known_formats
from data.readers.mapping import words_for_missing
from data.readers.pricelist import is_price_list, price_cards
from data.readers.tables import decode
from data.scoring import find as scorer
from data.stores import mapped
from data.stores.columns import is_stored, save
from data.stores.long import SUFFIXES, write

OK, FOUND = 0, 1
SEVERITIES = ("error", "warning", "info")
_SUFFIXES = {".md": "markdown", ".markdown": "markdown", ".html": "html", ".htm": "html", ".json": "json"}
_SHOWN, _NAME, _LINE = 100, 60, 400


@dataclass(frozen=True, slots=True)
class Said:
    """What a command has to say, and the exit code. aside : goes to stderr."""

    code: int
    words: str = ""
    aside: str = ""


def _source(files: Sequence[str]) -> Any:
    return files[0] if len(files) == 1 else list(files)


def audit(chosen: Namespace) -> Said:
    """Say what is wrong with the numbers of a set; FOUND for open findings at or above the chosen severity."""
    _spared(chosen)
    table, reading = _table(chosen)
    findings = audited(table)
    said = reports.report(table, reading, findings)
    kind = chosen.format or (_SUFFIXES.get(chosen.output.suffix.lower(), "text") if chosen.output else "text")
    if kind == "json":
        words = json.dumps(reports.as_json(said), ensure_ascii=False, indent=1) + "\n"
    else:
        parts = reports.document(said)
        render: dict[str, Callable[[Document], str]] = {
            "text": text,
            "markdown": markdown,
            "html": partial(page, title=f"Audit of {said.name}"),
        }
        words = render[kind](parts)
    code = FOUND if any(_counts(finding, chosen.fail_on) for finding in findings) else OK
    if chosen.output is None:
        return Said(code, words)
    _save(chosen.output, words)
    return Said(code, aside=f"{reports.summary(findings)} Written to {chosen.output}.")


def _counts(finding: Finding, least: str) -> bool:
    return not finding.settled and least in SEVERITIES and SEVERITIES.index(finding.severity) <= SEVERITIES.index(least)


def _table(chosen: Namespace) -> tuple[OutcomeTable, Reading | None]:
    """Return the table to look at, and the reading of its files, None for a stored one."""
    source = opened(_source(chosen.files))
    reading = None if isinstance(source, OutcomeTable) else source
    if chosen.history:
        if chosen.scale or chosen.scorer or chosen.missing:
            raise refuse("a history has the scale and the scorer already.", "Leave out --scale, --scorer and --missing.")
        table = replayed(chosen.history, source, drop_bad_rows=chosen.drop_bad_rows).table
    elif isinstance(source, OutcomeTable):
        if chosen.scale or chosen.scorer or chosen.missing:
            raise refuse("a stored table has its scale and scorer already.", "Leave out --scale, --scorer and --missing.")
        table = source
    else:
        mapping = source.mapping
        if chosen.scale:
            mapping = replace(mapping, scale=chosen.scale)
        if chosen.scorer:
            mapping = replace(mapping, scorer=scorer(chosen.scorer).id)
        if chosen.missing:
            mapping = replace(mapping, missing=words_for_missing(chosen.missing))
        table = finish(source, mapping, drop_bad_rows=chosen.drop_bad_rows)
    cards = [card for given in chosen.prices for card in _cards(given, table.models)]
    return (table.priced(cards) if cards else table), reading


def _cards(given: str, models: Sequence[str]) -> Iterator[ModelCard]:
    """Yield the prices that an option gives: of a file, of one model, or of the offline list."""
    if given == "list":
        yield from suggested(models).values()
        return
    model, equals, pair = given.rpartition("=")
    if equals and not Path(given).is_file():
        try:
            price_in, price_out = (float(price) for price in pair.split(","))
        except ValueError:
            price_in = price_out = math.nan
        if not (0 <= price_in < math.inf and 0 <= price_out < math.inf):
            raise refuse(f"{pair!r} are no two prices.", "Write MODEL=IN,OUT in USD per million tokens, such as gpt=2.5,10.")
        if model not in models:
            raise refuse(f"there is no model {model!r} to price.", f"Models: {', '.join(models[:20])}.")
        yield ModelCard(name=model, price_in_usd_per_mtok=price_in, price_out_usd_per_mtok=price_out, tier="typed")
        return
    yield from _listed_prices(given, models)


def _listed_prices(file: str, models: Sequence[str]) -> tuple[ModelCard, ...]:
    sheet = decode(uploads(file)[0])
    if not isinstance(sheet, Sheet) or not is_price_list(sheet):
        raise refuse("this is no price list.", "It needs a column of models and two of prices per million tokens, in and out.", file=file)
    return price_cards(sheet, models)


def read(chosen: Namespace) -> Said:
    """Say what some files were understood as; FOUND where a person has to say or mend something."""
    found = opened(_source(chosen.files))
    if isinstance(found, OutcomeTable):
        words = f"{found.origin.name}: {understood(found)}.\n"
        plain = {"name": found.origin.name, "understood": understood(found), "models": list(found.models)}
        return Said(OK, _json(plain) if chosen.format == "json" else words)
    code = FOUND if found.problems or found.needs_mapping or found.table is None else OK
    return Said(code, _json(_reading_json(found)) if chosen.format == "json" else text(tuple(_reading_parts(found))))


def _json(value: Mapping[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1) + "\n"


def _reading_json(reading: Reading) -> dict[str, Any]:
    return {
        "name": reading.name,
        "reader": reading.reader,
        "title": reading.title,
        "understood": reading.understood,
        "needs_mapping": reading.needs_mapping or reading.table is None,
        "files": [asdict(each) for each in reading.files],
        "columns": [asdict(each) for each in reading.columns],
        "models": list(reading.table.models) if reading.table else [],
        "questions": [{"field": each.field, "text": each.text} for each in reading.questions],
        "warnings": [asdict(each) for each in reading.warnings],
        "problems": [asdict(each) for each in reading.problems],
    }


def _reading_parts(reading: Reading) -> Iterator[Block]:
    yield Heading(text=reading.name, level=1)
    yield Paragraph(text=f"{reading.understood}. Read as: {reading.title}.")
    files = tuple((each.name, each.use, each.words, each.format, each.encoding) for each in reading.files)
    yield Grid(head=("File", "Used as", "What", "Format", "Encoding"), rows=files)
    columns = tuple(
        (visible(c.name, _NAME), c.kind, f"{c.filled:,}", f"{c.distinct:,}", c.role or "-", visible(c.model, _NAME))
        for c in reading.columns
    )
    yield Grid(head=("Column", "Kind", "Filled", "Distinct", "Role", "Model"), rows=columns, right=(2, 3))
    notes = [("Open questions", [each.text for each in reading.questions]), ("Notes", [str(each) for each in reading.warnings])]
    for title, items in (*notes, ("Problems", [str(each) for each in reading.problems])):
        if items:
            yield Heading(text=title)
            yield Bullets(items=tuple(items[:_SHOWN]))


def replay(chosen: Namespace) -> Said:
    """Apply a history and say what became of each line; FOUND where one could not be applied."""
    _spared(chosen)
    if chosen.output is not None:
        _checked(chosen.output)
    done = replayed(chosen.history, _source(chosen.files), drop_bad_rows=chosen.drop_bad_rows)
    aside = _written(done.table, chosen.output) if chosen.output is not None else ""
    return Said(FOUND if done.failed else OK, _steps(done), aside)


def _steps(done: Replayed) -> str:
    said = [f"{step.status}: {step.line.action}: {step.line.detail}" + (f" [{step.words}]" if step.words else "") for step in done.steps]
    lines = [visible(line, _LINE) for line in said]
    same = "The table is the one that the history was exported from." if done.same else "The table differs from the one then."
    return "\n".join([*lines, f"{understood(done.table)}.", f"{same} Fingerprint: {done.table.fingerprint}."]) + "\n"


def _spared(chosen: Namespace) -> None:
    """Refuse to write over what is read."""
    sources = [Path(each) for each in (*chosen.files, getattr(chosen, "history", None)) if each]
    if chosen.output is not None and chosen.output.resolve() in {each.resolve() for each in sources}:
        raise refuse(f"{str(chosen.output)!r} is read, so it is not written over.", "Choose another name.")


def _checked(output: Path) -> None:
    """Refuse a place where a table would replace something else: an existing folder that holds no table."""
    if output.suffix.lower() in SUFFIXES:
        if output.is_dir():
            raise refuse(f"{str(output)!r} is a folder.", "Choose another name.")
    elif output.is_file() or (output.is_dir() and any(output.iterdir()) and not is_stored(output)):
        raise refuse(f"there is something else at {str(output)!r}.", "Choose a new folder, or a name that ends in .csv or .parquet.")


def _written(table: OutcomeTable, output: Path) -> str:
    if output.suffix.lower() in SUFFIXES:
        write(table, output)
        return f"Written to {output}. History and prices are not in such a file."
    save(table, output)
    return f"Written to {output}."


def convert(chosen: Namespace) -> Said:
    """Write a long Parquet file as a folder that is memory-mapped: neither has to fit into memory."""
    _spared(chosen)
    if chosen.output.suffix.lower() in SUFFIXES:
        raise refuse(f"{str(chosen.output)!r} is the name of a file; the set becomes a folder.", "Give a name without .csv or .parquet.")
    _checked(chosen.output)
    source = Path(chosen.files[0])
    table = mapped.convert(source, chosen.output, name=source.stem)
    return Said(OK, f"{understood(table)}.\n", f"Written to {chosen.output}.")


def history(chosen: Namespace) -> Said:
    """Print the history of a table as JSON."""
    _spared(chosen)
    words = export(load(_source(chosen.files)))
    if chosen.output is None:
        return Said(OK, words)
    _save(chosen.output, words)
    return Said(OK, aside=f"Written to {chosen.output}.")


def _save(path: Path, words: str) -> None:
    try:
        path.write_bytes(words.encode("utf-8", "backslashreplace"))  # half characters of a broken file are written out
    except OSError as error:
        raise refuse(f"{str(path)!r} can't be written ({error.strerror}).", "Choose another place.") from None


def formats(_chosen: Namespace) -> Said:
    """List the formats that are known by their shape, with what their data cards say."""
    head = "Any table with a row a query (and columns for each model) or a row a query and model is read. These are known by their shape:"
    blocks: list[Block] = [Paragraph(text=head)]
    for each in known_formats().values():
        blocks += [Heading(text=f"{each.id}: {each.title}", level=3), Paragraph(text=each.about)]
    return Said(OK, text(blocks))


def fetch(chosen: Namespace) -> Said:
    """Fetch a published benchmark and keep it as a set; without a name, list what there is."""
    from data.hub import command  # only now: nothing else here needs the network

    if not chosen.name:
        return Said(OK, command.table())
    said = command.brought(chosen.name, by_hand=chosen.source, any_size=chosen.any_size, any_version=chosen.any_version)
    return Said(OK, said)
