"""What the trace shows of one query: plain values, in the order in which they are drawn. NaN and None = not recorded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

Kind: TypeAlias = Literal["scores", "gate", "call", "stop"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Arm:
    """A model as it is drawn everywhere. rank : 0 cheapest .. 1 dearest."""

    name: str
    short: str
    rank: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What one model said to the query. text : its full answer; answer : the short comparable form; right : None = not known."""

    arm: Arm
    text: str | None
    answer: str | None
    right: bool | None
    quality: float
    cost: float
    latency_s: float
    assumed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Gauge:
    """A confidence against its threshold; score NaN = none was recorded. kept : whether it stopped there.

    Before any call the score says whom to ask: `asks` is that model, empty after a call.
    """

    score: float
    threshold: float
    signal: str
    kept: bool
    asks: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighed:
    """What a router expected of one model before any call; worth = quality - lambda x cost."""

    arm: Arm
    quality: float
    cost: float
    worth: float
    chosen: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Station:
    """One step of the way. number : of the call; said : who was asked in it; bill : spent up to here."""

    kind: Kind
    bill: float
    number: int = 0
    said: tuple[Said, ...] = ()
    gauge: Gauge | None = None
    weighed: tuple[Weighed, ...] = ()
    lam: float = 0.0
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Turned:
    """What the query gets while the knob is above `low` and up to `high`."""

    low: float
    high: float
    path: tuple[Arm, ...]
    answer: Arm
    right: bool | None
    cost: float
    latency_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class WhatIf:
    """One knob that can turn this query. low, high : ends of its slider, in log10 above `first` where `log`; flips : in words."""

    knob: str
    title: str
    low: float
    high: float
    current: float
    log: bool
    ways: tuple[Turned, ...]
    flips: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Neighbour:
    """A fit query that the router asked. right : one a model in play, None = not known."""

    query: str
    prompt: str | None
    right: tuple[bool | None, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TraceScene:
    """Everything about one query under one policy, and beside it."""

    query: str
    task: str
    strategy: str
    unit: str
    prompt: str | None
    reference: str | None
    arms: tuple[Arm, ...]
    stations: tuple[Station, ...]
    others: tuple[Said, ...]
    what_ifs: tuple[WhatIf, ...]
    dice: bool
    neighbours: tuple[Neighbour, ...]
    asked: int
    cost: float
    latency_s: float
