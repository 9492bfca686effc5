"""Write docs/performance.md: every row of the benchmarks, what it compares, its goal, and when it was last measured and where.

`python -m tests.benchmarks --json rows.json; python -m docs.performance rows.json` measures all rows and writes the page; with `--only
NAME` (once or several times) these rows alone are measured anew. Figures are kept in docs/performance.json, one entry a row.
"""

from __future__ import annotations

import argparse
import importlib
import inspect
import json
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any

from tests.benchmarks.__main__ import names

ROOT = Path(__file__).resolve().parents[1]
PAGE, FIGURES = ROOT / "docs" / "performance.md", ROOT / "docs" / "performance.json"
HEAD = """# Performance

Written by `python -m docs.performance` from the rows of `python -m tests.benchmarks` and the figures in docs/performance.json. Each row
compares ours with a bare reference in one run on one machine, taken in turns, so that a busy machine slows both: the ratio is what counts,
and the goal is the largest ratio that is good enough. To measure all rows again, and to write this page:

```bash
python -m tests.benchmarks --json rows.json; python -m docs.performance rows.json
```

`--only NAME` after `tests.benchmarks` measures single rows, the others keep their figures; rows that open a page need Chromium.
"""
_UNITS = {"ms": 1e3, "MB": 2.0**10, "slope": 1.0}  # what a reading of 1 is


def page(figures: dict[str, Any]) -> str:
    """Return the whole page; figures : row -> what was measured last, with its date."""
    rows = {name: importlib.import_module(f"tests.benchmarks.{name}") for name in names()}
    lines = ["| row | ratio | goal | reference | ours | measured |", "| --- | ---: | ---: | ---: | ---: | --- |"]
    lines += [_line(name, row, figures.get(name)) for name, row in rows.items()]
    machines = sorted({figures[name]["machine"] for name in rows if name in figures})
    return "\n".join([
        HEAD, *lines, "", f"Measured on: {'; '.join(machines) or 'nothing yet'}.", "", "## What the rows compare", "",
        *(f"**`{name}`** {inspect.cleandoc(row.__doc__ or '')}\n" for name, row in rows.items()),
    ])  # fmt: skip


def _line(name: str, row: ModuleType, figure: dict[str, Any] | None) -> str:
    if figure is None:
        return f"| `{name}` | | {row.GOAL:g} | | | not yet |"
    unit = getattr(row, "UNIT", "ms")
    reference, ours = (f"{_short(figure[side] * _UNITS[unit])} {unit}" for side in ("reference", "ours"))
    ratio = f"{figure['ratio']:.2f}" + (" (above)" if figure["ratio"] > row.GOAL else "")
    return f"| `{name}` | {ratio} | {row.GOAL:g} | {reference} | {ours} | {figure['date']} |"


def _short(value: float) -> str:
    return f"{value:,.0f}" if value >= 1000 else f"{value:.3g}"


def known() -> dict[str, Any]:
    """Return row -> figures as they are kept; rows that are gone are left out."""
    kept = json.loads(FIGURES.read_text(encoding="utf-8")) if FIGURES.exists() else {}
    return {name: kept[name] for name in names() if name in kept}


def main(arguments: list[str] | None = None) -> None:
    """Take in what was measured, if a file of it is given, and write the page."""
    parser = argparse.ArgumentParser(prog="python -m docs.performance", description=__doc__)
    parser.add_argument("measured", nargs="?", type=Path, help="what `python -m tests.benchmarks --json` wrote")
    given = parser.parse_args(arguments)
    figures = known()
    if given.measured is not None:
        rows = [json.loads(line) for line in given.measured.read_text(encoding="utf-8").splitlines() if line]
        date = datetime.now(tz=UTC).date().isoformat()
        figures |= {row.pop("name"): {**row, "date": date} for row in rows}
        FIGURES.write_text(json.dumps(dict(sorted(figures.items())), indent=1) + "\n", encoding="utf-8")
    PAGE.write_text(page(figures), encoding="utf-8")


if __name__ == "__main__":
    main()
