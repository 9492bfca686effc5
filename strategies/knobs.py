"""What can be turned on a strategy, declared once: slider, URL, sweep, export, docs and error messages come from here."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import Field, dataclass, field, fields, replace
from numbers import Real
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, TypeVar

from data.problems import refuse

if TYPE_CHECKING:
    from strategies.protocol import Strategy

S = TypeVar("S", bound="Strategy")
Number: TypeAlias = float | int


@dataclass(frozen=True, slots=True, kw_only=True)
class Knob:
    """A number that a person turns.

    low, high : the range; high = "data" where the end depends on the data (then the frontier's last breakpoint).
    scale : "log" sliders move in log10 and have zero as a notch of its own.
    cuts : exact frontier. The strategy promises `stop == (Decision.score >= knob)` at this stage; "stage" for a vector
        knob whose k-th entry cuts at stage k. 0: before any call, `score >= knob` alone says which of two ways a query goes,
        no score lies below `low` and none reaches `high`.
    higher : what turning it up does, in the reader's words.
    whole : only whole numbers.
    """

    low: float
    high: float | Literal["data"]
    unit: str
    help: str
    title: str = ""
    higher: str = ""
    scale: Literal["linear", "log"] = "linear"
    cuts: int | Literal["stage"] | None = None
    vector: bool = False
    whole: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A word that a person picks from a few."""

    options: tuple[str, ...]
    help: str
    title: str = ""
    free: bool = False  # other words are allowed too, e.g. a signal of the user's own


@dataclass(frozen=True, slots=True, kw_only=True)
class Arms:
    """Models that a person chooses, by name; an empty tuple means all, cheap to dear."""

    least: int
    help: str
    title: str = ""
    most: int | None = None


@dataclass(frozen=True, slots=True)
class Turn:
    """One slider's worth: `name` is t1, t2 ... for the entries of a vector knob, else the field's name."""

    name: str
    field: str
    at: int | None
    knob: Knob

    @property
    def cuts(self) -> int | None:
        """The stage that this entry cuts at, or None."""
        if self.knob.cuts == "stage":
            return (self.at or 0) + 1
        return self.knob.cuts

    @property
    def title(self) -> str:
        """A label for a slider."""
        base = self.knob.title or self.field
        return f"{base} {self.at + 1}" if self.at is not None else base


def knob(default: Any, **spec: Any) -> Any:
    """Declare a field of a strategy as a `Knob`."""
    return field(default=default, metadata={"knob": Knob(**spec)})


def choice(default: str, **spec: Any) -> Any:
    """Declare a field of a strategy as a `Choice`."""
    return field(default=default, metadata={"choice": Choice(**spec)})


def arms(default: Any = (), **spec: Any) -> Any:
    """Declare a field of a strategy as `Arms`: a tuple of model names, or one name."""
    return field(default=default, metadata={"arms": Arms(**spec)})


def declared(strategy: Strategy | type[Strategy], kind: str) -> Iterator[tuple[Field[Any], Any]]:
    """Yield (field, declaration) of one kind: "knob", "choice" or "arms"."""
    for item in fields(strategy):
        if kind in item.metadata:
            yield item, item.metadata[kind]


def turns(strategy: Strategy) -> tuple[Turn, ...]:
    """Return every slider of a strategy, vector knobs entry by entry."""
    found: list[Turn] = []
    for item, spec in declared(strategy, "knob"):
        if spec.vector:
            found += [Turn(f"t{i + 1}", item.name, i, spec) for i in range(len(getattr(strategy, item.name)))]
        else:
            found.append(Turn(item.name, item.name, None, spec))
    return tuple(found)


def turn(strategy: Strategy, name: str) -> Turn:
    """Return one slider by name; ProblemError if there is none."""
    for each in turns(strategy):
        if each.name == name:
            return each
    raise refuse(f"{strategy.card.id} has no knob {name!r}.", f"Knobs: {', '.join(t.name for t in turns(strategy)) or 'none'}.")


def setting(strategy: Strategy, name: str) -> float:
    """Return the value of one slider."""
    each = turn(strategy, name)
    value = getattr(strategy, each.field)
    return float(value if each.at is None else value[each.at])


def turned(strategy: S, name: str, value: float) -> S:
    """Return a copy with one slider moved; its fitted state stays."""
    each = turn(strategy, name)
    if each.at is None:
        new: Any = round(value) if each.knob.whole else float(value)
    else:
        new = list(getattr(strategy, each.field))
        new[each.at] = float(value)
        new = tuple(new)
    return replace(strategy, **{each.field: new})


def check_knobs(strategy: Strategy) -> None:
    """Raise ProblemError for the first knob, choice or model list out of range: the one range message of the project.

    What is in range is kept as plain Python numbers and tuples, so that equal settings give equal keys.
    """
    for item, spec in declared(strategy, "knob"):
        if spec.vector:
            object.__setattr__(strategy, item.name, tuple(getattr(strategy, item.name)))
    for each in turns(strategy):
        value = getattr(strategy, each.field)
        _check_number(strategy, each, value if each.at is None else value[each.at])
    for item, spec in declared(strategy, "knob"):
        value = getattr(strategy, item.name)
        plain = tuple(float(v) for v in value) if spec.vector else int(value) if spec.whole else float(value)
        object.__setattr__(strategy, item.name, plain)
    _check_words(strategy)


def _check_number(strategy: Strategy, each: Turn, number: Any) -> None:
    high = math.inf if each.knob.high == "data" else each.knob.high
    fits = isinstance(number, Real) and not isinstance(number, bool) and math.isfinite(number) and each.knob.low <= float(number) <= high
    if not fits or (each.knob.whole and float(number) != round(float(number))):
        top = "the data's own end" if each.knob.high == "data" else f"{each.knob.high:g}"
        kind = "no whole number from" if each.knob.whole else "outside"
        raise refuse(
            f"{strategy.card.id}: {each.name} = {number!r} is {kind} {each.knob.low:g} to {top}.",
            f"{each.knob.help} Give a number in that range ({each.knob.unit}).",
            column=each.name,
        )


def _check_words(strategy: Strategy) -> None:
    for item, spec in declared(strategy, "choice"):
        if not spec.free and getattr(strategy, item.name) not in spec.options:
            raise refuse(
                f"{strategy.card.id}: {item.name} = {getattr(strategy, item.name)!r} is not one of {', '.join(spec.options)}.",
                spec.help,
                column=item.name,
            )
    for item, spec in declared(strategy, "arms"):
        given = getattr(strategy, item.name)
        if isinstance(given, str) or not given:
            continue  # one name, or none yet: `fit` chooses
        names = tuple(given)
        object.__setattr__(strategy, item.name, names)
        most = len(names) if spec.most is None else spec.most
        if not spec.least <= len(names) <= most or len(set(names)) < len(names):
            asked = (
                f"{spec.least} or more" if spec.most is None else f"{spec.least} to {spec.most}" if spec.most > spec.least else f"{most}"
            )
            raise refuse(
                f"{strategy.card.id}: {item.name} = {', '.join(map(str, names))} is not {asked} different models.",
                spec.help,
                column=item.name,
            )
