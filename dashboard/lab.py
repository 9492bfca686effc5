"""The Lab's world from the view, its pictures, and the long work behind them: nothing kept here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from dashboard import compute, jobs
from dashboard.state import LETTERS, Slot
from dashboard.words import lab as words
from data.problems import refuse

if TYPE_CHECKING:
    from data.outcomes import OutcomeTable
    from data.simulator import Preset, World, Worth
    from strategies.study.outline import Outline
    from strategies.study.prepare import Study

TWIN = "twin"
BUDGETS: Mapping[str, float | None] = {"0.1": 0.1, "0.25": 0.25, "0.5": 0.5, "0.75": 0.75, "1.0": 1.0, "all": None}
USUAL = "0.5"
ALIKE = "models.*."  # a dial of all models at once
PLACES = ("ex_ante", "post_hoc")  # where the world stands on the map: the map doesn't hang on them
KEPT = 24  # diagrams
DIAGRAM = "lab.map."


def presets() -> dict[str, Preset]:
    """Return what the Lab starts from, by id: worlds whose prices and scores are published."""
    from data.simulator import presets as found

    return {each.id: each for each in found()}


def titled(world: World) -> str:
    """Return a world's name without the mark, which stands beside it."""
    from data.simulator.world import MARK

    return world.name.removesuffix(MARK)


def dial_values(lab: Mapping[str, Any]) -> dict[str, Any]:
    """Return what was turned, by path."""
    return dict(lab.get("dials", {}))


def is_turned(lab: Mapping[str, Any]) -> bool:
    """Whether the view's world is another than the one it started from."""
    return bool(lab.get("dials") or lab.get("shifts"))


def ground_of(base: World, lab: Mapping[str, Any]) -> World:
    """Return a world with everything turned but its two predictabilities; ProblemError for what can't be turned so."""
    from data.simulator import Shift, turned

    world = base
    for path, value in dial_values(lab).items():
        if path in PLACES:
            continue
        if path == "correlation":
            world = replace(world, residuals=())  # what was fitted pair by pair gives way to one number for all
        if path.startswith(ALIKE):
            for model in world.models:
                world = turned(world, f"models.{model.name}.{path.removeprefix(ALIKE)}", value)
        elif path == "difficulty_shape":
            world = replace(world, difficulty_shape=str(value))
        else:
            world = turned(world, path, value)
    known = {"kind", "at", "until", "size", "model", "topic"}
    for each in lab.get("shifts", []):
        if set(each) - known or "kind" not in each:
            what = f"the unknown field {min(set(each) - known)!r}" if set(each) - known else "no kind"
            raise refuse(f"a change has {what}.", "Take the change out and add it anew.")
    return replace(world, shifts=(*world.shifts, *(Shift(**each) for each in lab.get("shifts", []))))


def world_of(base: World, lab: Mapping[str, Any]) -> World:
    """Return the view's world: a preset or twin with everything turned; ProblemError for what can't be turned so."""
    from strategies.study.phase import placed

    given = dial_values(lab)
    world = placed(ground_of(base, lab), ex_ante=given.get("ex_ante"), post_hoc=given.get("post_hoc"))
    return replace(world, name=words.TURNED.format(name=titled(base))) if given or lab.get("shifts") else world


def table_of(world: World) -> OutcomeTable:
    """Return one draw of the world as a table."""
    from strategies.study.worlds import simulated

    return simulated(world)


def strategies_of(study: Study) -> dict[str, dict[str, Any]]:
    """Return what competes in the Lab, id -> options: a cascade along the models on the hull, a router on what is foreseen."""
    from strategies.study.prepare import hull_models

    return {"margin-cascade": {"chain": hull_models(study), "signal": "confidence"}, "foreseen-router": {}}


def slots_of(table: OutcomeTable) -> tuple[Slot, ...]:
    """Return what is in play where a draw is opened on another page: the Lab's cascade and router."""
    from strategies.study.prepare import prepare

    chosen = strategies_of(prepare(table, pool=table.models))
    return tuple(Slot(letter=LETTERS[i], strategy=name, options=options) for i, (name, options) in enumerate(chosen.items()))


def outline_of(world: World) -> Outline:
    """Return the plane of one draw of the world, made once."""
    return _drawn(world)[0]


def worth_of(world: World) -> tuple[Worth, ...]:
    """Return what confidence and foresight are worth on the tested queries of that draw, one a model, cheap to dear."""
    return _drawn(world)[1]


def _drawn(world: World) -> tuple[Outline, tuple[Worth, ...]]:
    from data.simulator import measured
    from strategies.study.outline import outline
    from strategies.study.worlds import studied

    def made() -> tuple[Outline, tuple[Worth, ...]]:
        study = studied(world)  # not kept: a large world is drawn again in a moment
        return outline(study, strategies_of(study)), measured(study.tested)

    return compute.kept(f"lab.outline.{world.key}", made)


def asked_of(world: World) -> tuple[Worth, ...]:
    """Return what the world asks confidence and foresight to be worth, one a model, in its order."""
    from data.simulator import asked

    return compute.kept(f"lab.asked.{world.key}", lambda: asked(world))


def correlation_of(world: World) -> tuple[float, float, float]:
    """Return the mean correlation of the models' errors in a world, and the least and the most that can be had."""

    def made() -> tuple[float, float, float]:
        import numpy as np

        from data.simulator.promise import joint_of, promise

        pairs = ~np.eye(len(world.models), dtype=bool)
        phi = promise(world).phi
        return float(phi[pairs].mean()) if pairs.any() else 0.0, *joint_of(world).range()

    return compute.kept(f"lab.phi.{world.key}", made)


def diagram(ground: World) -> jobs.Job:
    """Start the map of a world, or return the one that is there; its partial result is the finest picture so far.

    It is measured on the cluster where one is set: on one computer starting processes would take as long as they save.
    """
    from strategies.study.phase import ground as base
    from strategies.study.phase import phase
    from strategies.work.choose import address_set, pool_at

    plain = base(ground)

    def work(job: jobs.Job) -> Any:
        with pool_at() if address_set() else nullcontext() as pool:
            for picture in phase(plain, progress=lambda done, total: _told(job, done, total), pool=pool):
                job.partial = picture
        return job.partial

    jobs.ALL.trim(DIAGRAM, KEPT)
    return _begun(f"{DIAGRAM}{plain.key}", words.MAP, work)


def left(before: str, now: str) -> None:
    """End the map that nobody here looks at any more, so that the next one isn't slowed down."""
    job = jobs.ALL.get(before) if before != now else None
    if job is not None and job.phase == "running":
        jobs.ALL.drop(before)


def place(study: Study) -> jobs.Job:
    """Start looking where a set lies on the map, or return that work; its result is a `Place`."""

    def work(_: jobs.Job) -> Any:
        from strategies.study.predictability import place as found

        return found(study)

    return _begun(f"lab.place.{compute.study_key(study)}", words.MAP, work)


def likeness(study: Study) -> jobs.Job:
    """Start fitting a twin to a set and comparing the two, or return that work; its result is a `Fidelity`."""

    def work(_: jobs.Job) -> Any:
        from strategies.study.twin import compare

        return compare(study)

    # The twin is called after its set: one that was renamed has another.
    return _begun(f"lab.twin.{compute.study_key(study)}.{study.whole.origin.name}", words.TWIN, work)


def _begun(key: str, title: str, work: Callable[[jobs.Job], Any]) -> jobs.Job:
    """Return the work of this key, started if it never was: what failed or was stopped is started anew only when asked for."""
    return jobs.ALL.get(key) or jobs.ALL.start(key, title, work)


def _told(job: jobs.Job, done: int, total: int) -> None:
    from data.problems import Stopped

    if job.stop.is_set():
        raise Stopped
    job.progress(done, total)
