"""Write the generated pages: `python -m docs.make`. A test holds them up to date.

docs/strategies.md from cards and knobs, docs/formats.md from the formats of the readers, docs/audit.md from the checks.
"""

from __future__ import annotations

import inspect
from pathlib import Path

from data.audit import Check, checks
from data.readers.formats.base import Format, formats
from strategies.knobs import Turn, declared, turns
from strategies.protocol import Strategy
from strategies.registry import discover

ROOT = Path(__file__).resolve().parents[1]
HEAD = """# Strategies

Written by `python -m docs.make` from each strategy's card and knobs; the sliders, the address and the exports come from the
same declarations.
"""
FORMATS_HEAD = """# Formats

Written by `python -m docs.make` from the readers. A format is known by its shape, never by the name of a file. Any other table is
read too: wide (a row a query, columns for each model) or long (a row a query and model), as CSV, TSV, XLSX, JSON, JSONL, Parquet,
gzip of these, a zip, a folder or several files together; what can't be told from the columns is asked.
"""
AUDIT_HEAD = """# Audit

Written by `python -m docs.make` from the checks. Each finding names its rows and models, says what it does to the conclusions, and
can be repaired, left out or kept; the choice is a line in the history of the data. `python -m data audit FILE` runs them all.
"""


def described(kind: type[Strategy]) -> str:
    """Return one strategy's section."""
    card = kind.card
    marks = " · a bound, not a policy" * card.bound + " · its judge is simulated" * card.judged
    lines = [f"## {card.title}", "", f"`{card.id}` · {card.family}{marks}", "", card.idea, ""]
    lines += [f"- Rule: `{card.rule}`", f"- Source: {card.source}"]
    lines += [f"- {title}: {said}" for title, said in (("Reported", card.reported), ("Limits", card.limits)) if said]
    if card.needs:
        lines.append(f"- Needs: {', '.join(sorted(card.needs))}")
    made = kind()
    lines += [f"- {spec.title or field.name} (`{field.name}`): {spec.help}" for field, spec in declared(made, "arms")]
    lines += [f"- {spec.title or field.name} (`{field.name}`): {spec.help}" for field, spec in declared(made, "choice")]
    lines += [knob_line(turn) for turn in turns(made)]
    return "\n".join(lines) + "\n"


def knob_line(turn: Turn) -> str:
    """Return a knob's line: name, range, unit, what it does."""
    knob = turn.knob
    high = "the data's own end" if knob.high == "data" else f"{knob.high:g}"
    higher = f" Higher {knob.higher}." if knob.higher else ""
    return f"- {turn.title} (`{turn.name}`, {knob.low:g} to {high}, {knob.unit}): {knob.help}{higher}"


def format_section(known: Format) -> str:
    """Return one format's section: what its data card says."""
    return f"## {known.title[:1].upper()}{known.title[1:]}\n\n`{known.id}`\n\n{known.about}\n"


def check_section(check: Check) -> str:
    """Return one check's section: why it is made, and when it finds something."""
    why, when = (inspect.cleandoc(text or "") for text in (type(check).__doc__, type(check).find.__doc__))
    return f"## {check.id.replace('_', ' ').capitalize()}\n\n`{check.id}`\n\n{why}\n\nFinds {when.removeprefix('Yield ')}\n"


def pages() -> dict[str, str]:
    """Return file name -> whole text of every generated page."""
    found, _ = discover()
    return {
        "strategies.md": "\n".join([HEAD, *(described(kind) for kind in found.values())]),
        "formats.md": "\n".join([FORMATS_HEAD, *(format_section(each) for each in formats().values())]),
        "audit.md": "\n".join([AUDIT_HEAD, *(check_section(each) for each in checks().values())]),
    }


if __name__ == "__main__":
    for name, text in pages().items():
        (ROOT / "docs" / name).write_text(text, encoding="utf-8")
