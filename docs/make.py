"""Write the generated pages: `python -m docs.make`. A test holds them up to date.

docs/strategies.md from cards and knobs, docs/metrics.md from the declarations of the metrics, docs/formats.md from the formats of the
readers, docs/audit.md from the checks.
"""

from __future__ import annotations

import inspect
from functools import cache
from itertools import groupby
from pathlib import Path

from data.audit import Check, checks
from data.readers.formats.base import Format, formats
from strategies.knobs import Turn, declared, turns
from strategies.metrics.base import Metric, Option
from strategies.metrics.declared import METRICS
from strategies.protocol import Strategy
from strategies.registry import discover

ROOT = Path(__file__).resolve().parents[1]
HEAD = """# Strategies

Written by `python -m docs.make` from each strategy's card and knobs; the sliders, the address and the exports come from the
same declarations.
"""
METRICS_HEAD = """# Metrics

Written by `python -m docs.make` from the declarations beside the formulas (`strategies/metrics`). `measure("arena_score", run, table)`
measures a policy's run, `measure_curve("aiq", curve, table)` its frontier, `measure_pool("oracle_quality", table)` the table alone, all
of `strategies.metrics.declared`. Undefined is NaN, never 0; a call whose outcome is unknown makes the figure unknown.

In the formulas i = 1..n are queries, m = 1..M models, q quality in 0..1, c cost, C and T what a query cost and took in all, π(i) the model
whose answer is returned, r a mean quality. A mean over queries has a bootstrap interval (`per_query`); the others are measured anew on
resampled queries. *Prices*: what the figure does when every price is multiplied by k.

Options of several metrics:
"""
_MEASURED = {"pool": "the table alone", "run": "a run", "curve": "a curve", "policy": "the policy, run anew", "signal": "a signal"}
_PRICES = {"invariant": "nothing", "scales": "times k", "inverse": "divided by k", "depends": "it depends"}
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


def metric_line(metric: Metric) -> str:
    """Return one metric's row of its group's table."""
    unit = metric.unit or "a number"
    on = _MEASURED[metric.of] + (", mean over queries" if metric.mean else "")
    cells = (f"{metric.title} `{metric.id}`", f"`{metric.formula}`", unit, metric.better, on, _PRICES[metric.prices], metric.source)
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def option_words(option: Option) -> str:
    """Return an option as a phrase: name, range, default, what it does."""
    given = {"number": f"{option.low:g} to {option.high:g}", "choice": " / ".join(option.choices), "model": "a model", "array": "array"}
    known = option.default not in ("", None) and option.default == option.default  # NaN: none
    default = f", default {option.default:g}" if known and option.kind == "number" else f", default {option.default}" if known else ""
    unit = f" {option.unit}" if option.unit else ""
    return f"`{option.name}` ({given[option.kind]}{unit}{default}): {option.help}"


@cache
def shared_options() -> list[Option]:
    """Return the options that more than one metric has: described once."""
    every = [option for metric in METRICS.values() for option in metric.options]
    return [option for at, option in enumerate(every) if every.count(option) > 1 and every.index(option) == at]


def metrics_page() -> str:
    """Return docs/metrics.md: what is shared, then a section a group."""
    shared = "".join(f"- {option_words(option)}\n" for option in shared_options())
    groups = groupby(METRICS.values(), key=lambda metric: metric.group)
    return "\n".join([METRICS_HEAD, shared, *(metric_group(name, list(each)) for name, each in groups)])


def metric_notes(metric: Metric) -> str:
    """Return what stands below the table: other names, what to print beside the figure, what may be set; "" where nothing does."""
    said = [f"Also called {', '.join(metric.also)}."] if metric.also else []
    said += [metric.caution] if metric.caution else []
    said += [] if metric.repeatable else ["Not repeatable: a time."]
    own = [option for option in metric.options if option not in shared_options()]
    others = [f"`{option.name}`" for option in metric.options if option not in own]
    said += [f"Options: {', '.join(others)}."] if others else []
    lines = [f"- **{metric.title}**: {' '.join(said)}".rstrip()] if said or own else []
    return "\n".join([*lines, *(f"  - {option_words(option)}" for option in own)])


def metric_group(name: str, metrics: list[Metric]) -> str:
    """Return one group's section: a table of its metrics, and their notes."""
    head = "| metric | formula | unit | better | measured on | prices | source |\n| --- | --- | --- | --- | --- | --- | --- |"
    notes = [note for each in metrics if (note := metric_notes(each))]
    return "\n".join([f"## {name}", "", head, *(metric_line(each) for each in metrics), "", *notes]).rstrip() + "\n"


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
        "metrics.md": metrics_page(),
        "formats.md": "\n".join([FORMATS_HEAD, *(format_section(each) for each in formats().values())]),
        "audit.md": "\n".join([AUDIT_HEAD, *(check_section(each) for each in checks().values())]),
    }


if __name__ == "__main__":
    for name, text in pages().items():
        (ROOT / "docs" / name).write_text(text, encoding="utf-8")
