"""Every strategy that the data allows, over its whole frontier, on the same split: in worker processes, one row each.

From a shell: `python -m strategies.study.compare FILE` writes the table as text.
"""

from __future__ import annotations

import argparse
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from importlib.metadata import PackageNotFoundError, version

import numpy as np

from data.problems import refuse
from data.splits import has_own
from strategies.metrics.plane import aiq, common_range, zero_router
from strategies.protocol import Strategy
from strategies.registry import discover, is_own
from strategies.study.compare_values import NAN, About, Comparison, Reference, Row
from strategies.study.compare_workers import Again, Died, Plan, Started, Told, failed, measured
from strategies.study.prepare import Study
from strategies.uncertainty.bootstrap import interval
from strategies.work.pool import Reached
from strategies.work.processes import usual_workers

KEEP = 0.97
_YARDSTICKS = ("random-mix", "zero-router")  # the baselines that have a frontier of their own
_PACKAGES = ("routescope", "numpy", "scipy", "scikit-learn", "torch")

__all__ = ["About", "Comparison", "Reference", "Row", "begun", "comparable", "compare", "usual_workers"]


def comparable() -> tuple[type[Strategy], ...]:
    """Return every strategy that has a frontier to compare: all registered ones but bounds, simulated judges and single models."""
    found, _ = discover()
    real = (kind for kind in found.values() if not kind.card.bound and not kind.card.judged)
    return tuple(kind for kind in real if kind.card.family != "baseline" or kind.card.id in _YARDSTICKS)


def compare(
    study: Study, kinds: Sequence[type[Strategy]], *, workers: int = 0, keep: float = KEEP, known: Iterable[Row] = (),
    progress: Callable[[Comparison], None] | None = None, stop: threading.Event | None = None,
) -> Comparison:  # fmt: skip
    """Return the comparison of strategies on a study, each with its own default options; settings from calibrate, figures from test.

    workers : processes, 0 = as many as chosen, else as suit. keep : share of the best single model's quality that the point `at`
    keeps on calibrate at the least cost. known : rows of an earlier comparison of this study, which are taken over.
    progress : called with all rows so far whenever a strategy begins or ends. stop : set, it ends all work within a second; the
    rows until then are returned. A strategy that breaks is a row that says how. Workers find strategies by id: `kinds` have to be
    registered. A Ray cluster does it where one is set (`strategies.work.choose`). Raises ProblemError if a worker cannot open the set.
    """
    if workers < 0:
        raise refuse(f"{workers} workers are fewer than none.", "Give 1 or more, or 0 for as many as suit this computer.")
    told = progress or (lambda _: None)
    now = begun(study, kinds, keep=keep)
    asked = {kind.card.id: kind for kind in kinds}
    earlier = [row for row in known if row.id in asked and row.status == "compared"]
    absent = [row for kind in asked.values() if (row := _absent(kind, study)) is not None]
    now = replace(now, rows=(*{row.id: row for row in (*earlier, *absent)}.values(),))
    told(now)
    left = [name for name in asked if now.row(name) is None]
    if not left:
        return now
    plan = Plan(table=study.table, models=study.pool, seed=study.seed, keep=keep)
    for event in measured(plan, left, workers=workers, stop=stop):
        now = _after(now, event, asked)
        told(now)
    return replace(now, running=(), stopped=len(now.rows) < len(asked))


def _after(now: Comparison, event: Told, asked: dict[str, type[Strategy]]) -> Comparison:
    if isinstance(event, Reached):
        return replace(now, nodes=event.nodes)
    if isinstance(event, Again):
        return replace(now, again=now.again + 1)
    if isinstance(event, Started):
        return replace(now, running=(*now.running, asked[event.id].card.title))
    if isinstance(event, Died):
        row = replace(failed(event.id, RuntimeError()), said=f"Its worker process ended by itself ({event.said}).")
    else:
        row = event.row
    running = list(now.running)
    running.remove(asked[row.id].card.title)
    return replace(now, rows=(*now.rows, row), running=tuple(running))


def _absent(kind: type[Strategy], study: Study) -> Row | None:
    """Return the row of a strategy that cannot run on this data, or whose own check of that breaks; None for one that can."""
    try:
        lacks = kind().missing(study.table)
    except Exception as error:  # noqa: BLE001 - one's own strategy may fail in any way
        return failed(kind.card.id, error)
    if not lacks:
        return None
    card = kind.card
    return Row(id=card.id, title=card.title, family=card.family, status="missing", said=lacks, own=is_own(kind))


def begun(study: Study, kinds: Sequence[type[Strategy]], *, keep: float = KEEP) -> Comparison:
    """Return a comparison without rows yet: what it rests on, and what everything will be measured against."""
    return Comparison(about=_about(study, keep), reference=_reference(study), asked=tuple(kind.card.id for kind in kinds))


def _reference(study: Study) -> Reference:
    tested = study.tested
    cost, quality = (np.array(list(tested.mean(name).values())) for name in ("cost_usd", "quality"))
    shared, at, best = common_range(cost, quality), study.pool.index(study.best), interval(tested.quality(study.best), strata=study.strata)
    ends = shared.high > shared.low
    return Reference(
        best=study.best, best_name=tested.cards[at].short, best_quality=best.mean, best_low=best.low, best_high=best.high,
        best_cost=float(cost[at]), zero_aiq=aiq(*zero_router(cost, quality), **shared._asdict()) if ends else NAN, low=shared.low,
        high=shared.high, random_quality=float(quality.mean()), random_cost=float(cost.mean()),
    )  # fmt: skip


def _about(study: Study, keep: float) -> About:
    whole, table = study.whole, study.table
    split = "the set's own split" if has_own(table) else "40 / 20 / 40, seeded, stratified by task"
    return About(
        data=whole.origin.name, kind=whole.origin.kind, fingerprint=whole.fingerprint, models=study.pool, cost_unit=table.cost_unit,
        assumed=study.assumed, split="five-way cross-fitting" if study.crossed else split, seed=study.seed, tested=len(study.rows),
        keep=keep, versions={name: found for name in _PACKAGES if (found := _version(name))},
    )  # fmt: skip


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""


def main() -> None:
    """Compare all strategies on a set and write the table as text."""
    from data import load
    from strategies.study.prepare import prepare

    parser = argparse.ArgumentParser(prog="python -m strategies.study.compare", description=main.__doc__)
    parser.add_argument("file", help="a file, a folder, or the name of a bundled set")
    parser.add_argument("--workers", type=int, default=0, help="processes; 0 = as many as suit this computer")
    given = parser.parse_args()
    found = compare(prepare(load(given.file)), comparable(), workers=given.workers)
    bounds, reference = found.bounds, found.reference
    print(f"{found.about.data}: {found.about.tested:,} tested queries, {found.about.split}, seed {found.about.seed}")
    print(f"best single model {reference.best_name}: {reference.best_quality:.1%}; zero router: AIQ {reference.zero_aiq:.1%}")
    print(*_told(found), sep="", end="")
    print(f"{'strategy':32}   {'AIQ':>7} {'lead':>7} {'>=':>7} {'saving':>8} {'at its cost':>11} {'fit s':>7} {'us/query':>8}")
    for row in found.compared:
        equal = row.equal_cost.quality if row.equal_cost is not None and row.equal_cost.met else NAN
        values = f"{row.aiq:7.1%} {row.lead:+7.1%} {bounds[row.id]:+7.1%} {row.saving:8.1%} {equal:11.1%} {row.fit_s:7.2f}"
        mark = " " if found.best is None else "*" if row.id == found.best.id else "=" if row.id in found.best.tied else " "
        print(f"{row.title[:32]:32} {mark} {values} {row.decide_us:8.2f}")
    for row in found.absent:
        print(f"{row.title[:32]:32} {'cannot run here' if row.status == 'missing' else 'failed'}: {row.said}")


def _told(found: Comparison) -> Iterator[str]:
    """Yield the line of the best, corrected for having been chosen."""
    best = found.best
    first = None if best is None else found.row(best.id)
    if best is None or first is None:
        return
    yield f"best (*): {first.title}, {'AIQ' if best.figure == 'aiq' else 'quality at equal cost'} {best.shown:.1%}; "
    yield f"corrected for being the best of {len(best.ranked)}: {best.corrected:.1%}, at least {best.bound:.1%} ({best.level:.0%}); "
    yield f"{len(best.tied)} others are not told apart from it (=)\n"


if __name__ == "__main__":
    main()
