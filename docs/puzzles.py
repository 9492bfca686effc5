"""Measure what the bundled puzzles show, and write docs/puzzles.md with it: `python -m docs.puzzles`.

Everything is fitted on the fit part, set on the calibrate part and shown on the test part, with 95 % intervals over its queries.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from data import load
from data.ladder.measure import GENERALISTS, read
from data.outcomes import Parts
from strategies import Goal, find, replay, tune
from strategies.engines.run import Run
from strategies.uncertainty.bootstrap import interval, paired, weights

HERE = Path(__file__).parent
FILE = HERE / "puzzles.json"
ROUTERS = ("task-router", "knn-router")
KEPT = (0.95, 0.99)
CHAIN = ("r1", "r2", "r4")
TOP = "r4"

_PAGE = """# What the bundled puzzles show

Written by `python -m docs.puzzles`. The models were measured on {count:,} held-out puzzles of their own (`python -m data.ladder.measure`);
the strategies on the table that the app opens with: fitted on {fit:,} puzzles, set on {calibrate:,}, shown on {test:,}, with 95 %
intervals. Costs are assumed prices (see the table's card), so shares of cost depend on them.

## The models

| model | accuracy | AUROC of its log-prob | calibration error | tokens out | says it is right, outside its field |
| --- | --- | --- | --- | --- | --- |
{models}

No model gets {hopeless} of the puzzles right; none of the four general ones {hopeless_rungs}. A cheaper rung is right where the next is
wrong on {spared} of them.

## A router that knows the kind of puzzle

All arms are in play. Each line sets the router on calibrate to spend what one arm costs, and compares on test.

| router | as dear as | quality | that arm alone | difference | cost against that arm |
| --- | --- | --- | --- | --- | --- |
{routed}

## A cascade that looks at its own confidence

{chain}, each asked only where the one before was unsure; thresholds set on calibrate to keep a share of {top}'s quality.

| set to keep | quality kept on test | at this share of {top}'s cost |
| --- | --- | --- |
{kept}

## How to read this
- Puzzles are easier to route than life: their kind can be read off the prompt, and prices are in proportion to size.
- A specialist can be sure where it is wrong: outside its field it is right on next to none (its card), whatever the last column says.
- What is set to keep 95 % keeps a little less on new puzzles: thresholds are chosen on {calibrate:,}. Leave a margin.
"""


def measured() -> dict[str, Any]:
    """Return all figures of the page; about half a minute on one core."""
    table = load("puzzles")
    parts = table.split(seed=0)
    return {
        "rows": {name: len(part) for name, part in (("fit", parts.fit), ("calibrate", parts.calibrate), ("test", parts.test))},
        "routed": {name: _routed(name, parts) for name in ROUTERS},
        "kept": {f"{keep:g}": _kept(keep, parts) for keep in KEPT},
    }


def _routed(name: str, parts: Parts) -> dict[str, Any]:
    fitted = find(name)().fit(parts.fit)
    dearest = parts.calibrate.mean("cost_usd")
    found = {}
    for model in parts.test.models[1:]:  # nothing is cheaper than the cheapest
        run = replay(tune(fitted, parts.calibrate, Goal(budget=dearest[model])), parts.test)
        alone = parts.test.quality(model)
        found[model] = {
            "quality": _three(interval(run.quality)),
            "alone": float(alone.mean()),
            "difference": _three(paired(run.quality, alone)),
            "cost": _ratio(run.cost_usd, parts.test.cost_usd(model)),
        }
    return found


def _kept(keep: float, parts: Parts) -> dict[str, Any]:
    pool = list(CHAIN)
    few = Parts(fit=parts.fit.select(pool), calibrate=parts.calibrate.select(pool), test=parts.test.select(pool))
    policy = tune(find("margin-cascade")(chain=CHAIN).fit(few.fit), few.calibrate, Goal(keep=keep))
    run: Run = replay(policy, few.test)
    return {
        "quality": _ratio(run.quality, few.test.quality(TOP)),
        "cost": _ratio(run.cost_usd, few.test.cost_usd(TOP)),
    }


def _three(found: Any) -> list[float]:
    return [float(found.mean), float(found.low), float(found.high)]


def _ratio(above: NDArray[np.floating[Any]], below: NDArray[np.floating[Any]]) -> list[float]:
    """Return the ratio of two means over the same queries, and its percentile bootstrap interval."""
    a, b = above.astype(np.float64), below.astype(np.float64)
    counts = np.asarray(weights(len(a)), dtype=np.float64)
    drawn = (counts @ a) / (counts @ b)
    return [float(a.mean() / b.mean()), *map(float, np.quantile(drawn, (0.025, 0.975)))]


def page(found: Mapping[str, Any], ladder: Mapping[str, Any]) -> str:
    """Return docs/puzzles.md from the figures of the table and of the models."""
    titles = {card.name: card.short for card in load("puzzles").cards}
    arms = ladder["arms"]
    right = ladder["right_where_wrong"]
    spared = [right[low][high] for low, high in pairwise(GENERALISTS)]
    return _PAGE.format(
        count=ladder["count"], **found["rows"], top=titles[TOP], chain=", then ".join(titles[name] for name in CHAIN),
        models="\n".join(
            f"| {titles.get(name, name)} | {arm['accuracy']:.3f} ± {arm['half']:.3f} | {arm['auroc']:.3f} | {arm['ece']:.3f} "
            f"| {arm['tokens_out']:.1f} | {'' if arm['off_field'] is None else format(arm['off_field_confidence'], '.3f')} |"
            for name, arm in arms.items()
        ),
        hopeless=f"{ladder['hopeless']:.1%}", hopeless_rungs=f"{ladder['hopeless_for_rungs']:.1%}",
        spared=", ".join(f"{share:.1%}" for share in spared),
        routed="\n".join(
            f"| {name} | {titles[model]} | {_percent(row['quality'])} | {row['alone']:.1%} | {_points(row['difference'])} "
            f"| {_percent(row['cost'])} |"
            for name, rows in found["routed"].items() for model, row in rows.items()
        ),
        kept="\n".join(
            f"| {float(keep):.0%} | {_percent(row['quality'])} | {_percent(row['cost'])} |" for keep, row in found["kept"].items()
        ),
    )  # fmt: skip


def _percent(three: list[float]) -> str:
    return f"{three[0]:.1%} ({three[1]:.1%} to {three[2]:.1%})"


def _points(three: list[float]) -> str:
    return f"{100 * three[0]:+.1f} points ({100 * three[1]:+.1f} to {100 * three[2]:+.1f})"


def main() -> None:
    """Measure and write both files."""
    found = measured()
    FILE.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    (HERE / "puzzles.md").write_text(page(found, read()), encoding="utf-8")
    sys.stdout.write(page(found, read()))


if __name__ == "__main__":
    main()
