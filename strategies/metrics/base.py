"""What a metric is and what it is computed from: plain arrays of a pool, of a policy's run, of a policy's curve.

A metric is declared once, beside its formula, in a module of this folder that lists it in `METRICS`; strategies.metrics.declared
finds it there. Pages, docs/metrics.md, claims and the property tests come from the declaration.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

import numpy as np

from data.problems import listed, refuse

Better: TypeAlias = Literal["higher", "lower", "neither"]
Of: TypeAlias = Literal["pool", "run", "curve", "policy", "signal"]
Prices: TypeAlias = Literal["invariant", "scales", "inverse", "depends"]
Need: TypeAlias = Literal["cost", "usd", "latency", "tokens", "tasks", "prompts", "energy", "memory", "compute", "confidence"]
Group: TypeAlias = Literal[
    "Quality", "Cost", "Latency", "Cost-quality plane", "Gap recovered", "Arena", "Benchmarks", "Deferral", "Composite", "Regret",
    "Choice", "Pool", "Confidence", "Energy",
]  # fmt: skip
INFINITE = math.inf


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """A declared parameter of a metric: what a person may set. Its range stands in the one error message and in the docs.

    kind : "number" within low and high, NaN by default = has to be given, else the metric is undefined;
    "model", a name of the pool, "" = chosen as `help` says; "choice" of `choices`;
    "array", whose shape `help` says, None = not given.
    """

    name: str
    default: Any
    help: str
    kind: Literal["number", "model", "choice", "array"] = "number"
    low: float = -INFINITE
    high: float = INFINITE
    unit: str = ""
    choices: tuple[str, ...] = ()

    def checked(self, value: Any) -> Any:
        """Return the value; raises ProblemError where it is out of the declared range or choices."""
        if self.kind == "number" and value != value and self.default != self.default:  # noqa: PLR0124 - NaN: not given
            return value
        if self.kind == "number" and not (isinstance(value, (int, float, np.number)) and self.low <= value <= self.high):
            raise refuse(f"{self.name} = {value!r} is outside {self.low:g} to {self.high:g}.", f"Choose a value within it: {self.help}")
        if self.kind == "choice" and value not in self.choices:
            raise refuse(f"{self.name} = {value!r} is none of its choices.", f"Choose one of {', '.join(self.choices)}.")
        return value


@dataclass(frozen=True, kw_only=True)
class Metric:
    """One figure: what it is called, its formula and source, what it is measured on, and what holds for it on any data.

    of : what it is measured on: "pool" (the table alone), "run" (a policy's outcome on every query), "curve" (a policy at all settings
        of a knob), "policy" (the policy is run anew), "signal" (a confidence). compute : gets a Pool, a Done, a Curve, (policy, table) or a
        Told, and the options by name;
        returns a number, or (n,) values where `mean`: the figure is then their mean, and they have a bootstrap interval.
    unit : "" = a bare number. low, high : what it never leaves. prices : what it does when every price is multiplied by k:
        nothing ("invariant"), times k ("scales"), divided by k ("inverse"), or something else ("depends").
    needs : what the table must have. also : names of the same figure elsewhere. caution : what to print beside it.
    repeatable : False where it is a time measured on this machine, which no one can recompute.
    """

    id: str
    title: str
    group: Group
    of: Of
    better: Better
    formula: str
    source: str
    compute: Callable[..., Any] = field(repr=False)
    unit: str = ""
    mean: bool = False
    low: float = -INFINITE
    high: float = INFINITE
    prices: Prices = "invariant"
    needs: frozenset[Need] = frozenset()
    options: tuple[Option, ...] = ()
    also: tuple[str, ...] = ()
    caution: str = ""
    repeatable: bool = True

    def chosen(self, options: Mapping[str, Any]) -> dict[str, Any]:
        """Return every option's value, declared defaults included; raises ProblemError for an unknown name or a bad value."""
        known = {option.name: option for option in self.options}
        strange = sorted(set(options) - set(known))
        if strange:
            raise refuse(f"{self.id} has no option {strange[0]!r}.", f"Its options: {listed(sorted(known)) or 'none'}.")
        return {name: option.checked(options.get(name, option.default)) for name, option in known.items()}


_NO_COST = "where no cost is known"
WEAK = Option(name="weak", default="", kind="model", help=f'The cheap model; "" = the cheapest by mean cost, the worst {_NO_COST}.')
STRONG = Option(name="strong", default="", kind="model", help=f'The dear model; "" = the priciest by mean cost, the best {_NO_COST}.')
BEST = Option(
    name="best", default="", kind="model",
    help='The single model to compare with; "" = the best by mean quality on these queries. Name the one that the fit part chose.',
)  # fmt: skip
RIGHT = Option(name="right", default=0.5, low=0, high=1, unit="quality", help="From this quality on an answer counts as right.")
TOLERANCE = Option(name="tolerance", default=0.0, low=0, high=1, unit="quality", help="Quality that may be given up.")
