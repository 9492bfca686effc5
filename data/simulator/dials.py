"""Every number of a world as a dial with a path: what sliders and links turn."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from data.problems import ProblemError, refuse
from data.simulator.parameters import Parameter, parameters
from data.simulator.world import World

_GROUPS = ("topics", "models", "shifts")


@dataclass(frozen=True, slots=True, kw_only=True)
class Dial:
    """One slider of a world: `path` is "ex_ante", "models.gpt-4.accuracy" or "topics.law.weight"; value None = not given."""

    path: str
    parameter: Parameter
    value: float | None


def dials(world: World) -> Iterator[Dial]:
    """Yield every number of a world that can be turned: its own, then its topics', models' and shifts' (strengths by topic's position)."""
    for name, spec in parameters(world):
        yield Dial(path=name, parameter=spec, value=getattr(world, name))
    for group in _GROUPS:
        for at, thing in enumerate(getattr(world, group)):
            called = _called(group, at, thing)
            for name, spec in parameters(thing):
                if name == "strengths":
                    row = thing.strengths or (0.0,) * len(world.topics)
                    for k, value in enumerate(row):
                        yield Dial(path=f"{group}.{called}.{name}.{k}", parameter=spec, value=value)
                else:
                    yield Dial(path=f"{group}.{called}.{name}", parameter=spec, value=getattr(thing, name))


def turned(world: World, path: str, value: float | None) -> World:
    """Return a copy of the world with one dial moved. Raises ProblemError for a path that leads nowhere or a value out of range."""
    group, _, rest = path.partition(".")
    changed: dict[str, Any] = {group: value}
    if rest:
        things = getattr(world, group) if group in _GROUPS else ()
        at, name = _found(group, things, rest)
        if at < 0:
            raise _no_dial(path)
        changed = {group: (*things[:at], _moved(world, things[at], name, value), *things[at + 1 :])}
    elif group not in dict(parameters(world)):
        raise _no_dial(path)
    return replace(world, **changed)


def _found(group: str, things: tuple[Any, ...], rest: str) -> tuple[int, str]:
    """Return which thing a path means and which of its numbers; (-1, "") for none. Names may hold dots, so the path is cut at the name."""
    for at, thing in enumerate(things):
        called = f"{_called(group, at, thing)}."
        name = rest[len(called) :]
        if rest.startswith(called) and name.split(".")[0] in dict(parameters(thing)):
            return at, name
    return -1, ""


def _moved(world: World, thing: Any, name: str, value: float | None) -> Any:
    name, _, place = name.partition(".")
    new: Any = value
    if name == "strengths":
        row: list[Any] = list(thing.strengths or (0.0,) * len(world.topics))
        if not place.isdigit() or int(place) >= len(row):
            raise _no_dial(f"{name}.{place}")
        row[int(place)] = value
        new = tuple(row)
    return replace(thing, **{name: new})


def _called(group: str, at: int, thing: Any) -> str:
    return str(at) if group == "shifts" else str(thing.name)


def _no_dial(path: str) -> ProblemError:
    return refuse(f"a world has no dial {path!r}.", "Take one of `dials(world)`.", column=path)
