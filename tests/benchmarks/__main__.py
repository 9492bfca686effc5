"""`python -m tests.benchmarks [--json FILE] [--only NAME]`: a table on screen, one JSON object a row in a file."""

from __future__ import annotations

import argparse
import importlib
import json
import os
import pkgutil
import platform
import sys
from pathlib import Path
from typing import Any

import numpy as np

import tests.benchmarks as rows


def machine() -> str:
    """Return what the figures were measured on."""
    return f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, NumPy {np.__version__}"


def names() -> list[str]:
    """Return the rows there are: every module of this folder but this one."""
    return sorted(info.name for info in pkgutil.iter_modules(rows.__path__) if not info.name.startswith("_"))


def measured(name: str) -> tuple[dict[str, Any], float]:
    """Return one row as it is written, and its goal; reference and ours in seconds."""
    module = importlib.import_module(f"tests.benchmarks.{name}")
    reference, ours = module.measure()
    return {"name": name, "ratio": round(ours / reference, 5), "reference": reference, "ours": ours, "machine": machine()}, module.GOAL


def main(arguments: list[str] | None = None) -> int:
    """Measure, print, write each row at once; status 1 if a row could not be measured, 0 also above a goal: a busy machine is no error."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write one JSON object per row to this file")
    parser.add_argument("--only", choices=names(), action="append", help="measure this row only; may be given several times")
    given = parser.parse_args(arguments)
    print(f"{'row':<18}{'ratio':>7}{'goal':>7}{'reference':>13}{'ours':>13}")
    if given.json:
        given.json.write_text("", encoding="utf-8")
    failed = 0
    for name in given.only or names():
        try:
            row, goal = measured(name)
        except Exception as error:  # noqa: BLE001 - no browser, say: the other rows are still worth having
            failed = 1
            print(f"{name:<18} could not be measured: {error!r}", flush=True)
            continue
        verdict = "" if row["ratio"] <= goal else "  above its goal"
        took = f"{row['reference'] * 1e3:>10.2f} ms{row['ours'] * 1e3:>10.2f} ms"
        print(f"{name:<18}{row['ratio']:>7.2g}{goal:>7.2g}{took}{verdict}", flush=True)
        if given.json:
            with given.json.open("a", encoding="utf-8") as file:
                file.write(json.dumps(row) + "\n")
    print(machine())
    return failed


if __name__ == "__main__":
    sys.exit(main())
