"""From a world to an outcome table: block by block, so that temporaries stay in the processor's cache.

Every kind of draw has a stream of its own (seed, kind, model, block): moving one dial changes what hangs on it and nothing else,
and the first rows of a longer table are those of a shorter one.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from data.outcomes import CostUnit, Floats, HistoryLine, Origin, OutcomeTable
from data.queries import QuerySet
from data.simulator.estimates import EASE_FAR, Scale
from data.simulator.moments import calibration_error
from data.simulator.normal import CUBIC, shaped
from data.simulator.promise import Lean, Promise, promise
from data.simulator.world import SimModel, World, marked
from data.texts import Texts

BLOCK = 32_768
SIGNAL = "confidence"
FORESIGHT = "predicted_quality:"  # and the model's name
_META_MOST = 100_000  # above it no text is made for every query
_STREAMS = ("topic", "difficulty", "prompt", "error", "shared", "blur", "confidence", "foresight", "length", "latency", "judge")
NOTE = "Simulated: every number is drawn from a declared model of models; nothing was asked or answered."


def simulate(world: World, solved: Promise | None = None) -> OutcomeTable:
    """Return n queries x M models of the world, `origin.kind` "simulated".

    numbers : quality 0/1 as the judge says it, cost_usd, latency_s, tokens_in, tokens_out (the latter two unless priced by query).
    signals : "confidence" (n, M), the stated probability of being right. features : "predicted_quality:<model>" (n, 1),
    the probability of being right that is known before the call, and "embedding" (n, M + 1), the same for neighbours. Both are
    calibrated to the truth as it is before anything changes; what judge noise, drift or another mix of topics make of the
    calibration is measured and said in the history.
    queries : tasks are the topics; meta "difficulty" up to 100,000 queries; no prompts. solved : `promise(world)`, if at hand.
    """
    solved = promise(world) if solved is None else solved
    drawn = _Drawn.room(world)
    for start in range(0, world.n, BLOCK):
        _Block(world, solved, drawn, start).draw()
    numbers = {"quality": drawn.quality.T, "cost_usd": drawn.cost.T, "latency_s": drawn.latency.T}
    if drawn.tokens_out is not None and drawn.tokens_in is not None:
        numbers |= {"tokens_in": drawn.tokens_in.T, "tokens_out": drawn.tokens_out.T}
    values = {"world": world.to_json()}
    said = f"{world.n:,} queries and {len(world.models)} models simulated from the world {world.name!r}"
    return OutcomeTable(
        queries=_queries(world, drawn),
        models=tuple(model.name for model in world.models),
        numbers=numbers,
        signals={SIGNAL: drawn.confidence.T},
        features={
            **{FORESIGHT + model.name: drawn.foresight[m][:, None] for m, model in enumerate(world.models)},
            "embedding": drawn.embedding,
        },
        cards=tuple(model.card(world.cost_unit, world.draw) for model in world.models),
        cost_unit=cast("CostUnit", world.cost_unit),
        origin=Origin(
            name=marked(world.name), kind="simulated", source="; ".join(world.sources), note=" ".join((NOTE, *world.notes)),
            scorer="simulated",
        ),
        history=(HistoryLine(action="simulate", detail="; ".join((said, *solved.notes, *_moved(world, solved, drawn))), values=values),),
    )  # fmt: skip


def _moved(world: World, solved: Promise, drawn: _Drawn) -> tuple[str, ...]:
    """Return how well confidence is calibrated where something moved it away from what was asked for, in words; nothing elsewhere."""
    if not world.moved_by:
        return ()
    found = [
        f"{model.name} {calibration_error(right, says):.2f} ({scale.ece:.2f} without)"
        for model, right, says, scale in zip(world.models, drawn.quality, drawn.confidence, solved.confidence, strict=True)
    ]
    return (f"with {' and '.join(world.moved_by)} the measured calibration error of confidence is {', '.join(found)}",)


def _queries(world: World, drawn: _Drawn) -> QuerySet:
    from data.texts import Texts as Column

    ids = pa.array(np.arange(1, world.n + 1)).cast(pa.large_string())
    names = tuple(topic.name for topic in world.topics)
    meta: dict[str, Texts] = {}
    if world.n <= _META_MOST:
        meta["difficulty"] = Column([f"{value:.2f}" for value in drawn.difficulty])
    return QuerySet(ids=Column(ids), tasks=drawn.topic, task_names=names, meta=meta)


@dataclass(frozen=True, eq=False, kw_only=True)
class _Drawn:
    """Room for the whole table: (M, n) rows a model, so that a table's columns are contiguous."""

    quality: Floats
    cost: Floats
    latency: Floats
    confidence: Floats
    foresight: Floats
    embedding: Floats
    tokens_in: Floats | None
    tokens_out: Floats | None
    topic: NDArray[np.int32]
    difficulty: Floats

    @classmethod
    def room(cls, world: World) -> _Drawn:
        count, n = len(world.models), world.n

        def rows() -> Floats:
            return np.empty((count, n), np.float32)

        counted = any(model.price_usd_per_query is None for model in world.models)
        return cls(
            quality=rows(), cost=rows(), latency=rows(), confidence=rows(), tokens_in=rows() if counted else None,
            tokens_out=rows() if counted else None, foresight=rows(),
            embedding=np.empty((n, count + 1), np.float32), topic=np.zeros(n, np.int32), difficulty=np.empty(n, np.float32),
        )  # fmt: skip


class _Block:
    """The queries start .. stop of a table."""

    def __init__(self, world: World, solved: Promise, drawn: _Drawn, start: int) -> None:
        self.world, self.solved, self.drawn = world, solved, drawn
        self.rows = slice(start, min(start + BLOCK, world.n))
        self.size = self.rows.stop - start
        self.number = start // BLOCK
        self.place = np.arange(start, self.rows.stop, dtype=np.float32) / np.float32(max(world.n, 1))

    def stream(self, kind: str, model: int = 0) -> np.random.Generator:
        """Return the draws of one kind, model and block."""
        return np.random.Generator(np.random.SFC64((self.world.seed, _STREAMS.index(kind), model, self.number)))

    def normal(self, kind: str, model: int = 0) -> Floats:
        """Return (size,) standard normal draws."""
        return self.stream(kind, model).standard_normal(self.size, dtype=np.float32)

    def draw(self) -> None:
        """Fill the block's rows of every array."""
        world, drawn, count = self.world, self.drawn, len(self.world.models)
        topic, self.z = self._topics(), self.normal("difficulty")
        hard: Floats = shaped(self.z, world.difficulty_shape) * _each(topic, [t.spread for t in world.topics])
        drawn.topic[self.rows] = topic
        drawn.difficulty[self.rows] = np.float32(world.difficulty_spread) * hard + _each(topic, [t.difficulty for t in world.topics])
        self.wordy = _each(topic, [np.log(t.length) for t in world.topics])
        self.prompt = self._prompts()
        luck = self._luck()
        seen = np.empty((count + 1, self.size), np.float32)
        seen[-1] = 1.0
        for m, model in enumerate(world.models):
            chance: Floats = _each(topic, self.solved.level[m]) - np.float32(self.solved.slope[m]) * hard
            right = self._right(model, chance, luck[m])
            self._verdict(m, right)
            says = self.solved.confidence[m]
            value = _value(says, self.normal("confidence", m), right, _ease(self.solved.after, m, topic, hard) if says.lean else None)
            drawn.confidence[m, self.rows] = _probability(says, value)
            known = self.solved.foresight[m]
            value = _value(known, self._blur(m), right, _ease(self.solved.before, m, topic, hard) if known.lean else None)
            seen[m] = np.clip((value - np.float32(known.centre)) / np.float32(2 * known.spread), -2, 2)
            drawn.foresight[m, self.rows] = _probability(known, value)
            self._bill(m, model, right)
        drawn.embedding[self.rows] = seen.T
        self._outages()

    def _blur(self, m: int) -> Floats:
        """Return (size,) standard normal errors of what is foreseen, in part the same for all models."""
        own, shared = self.normal("foresight", m), self.world.ex_ante_shared
        if shared:
            own *= np.float32(np.sqrt(1 - shared))
            own += np.float32(np.sqrt(shared)) * self.normal("blur")
        return own

    def _topics(self) -> NDArray[np.int32]:
        if len(self.world.topics) == 1:
            return np.zeros(self.size, np.int32)
        edges = np.cumsum(self.solved.weights)[:-1]
        drawn = self.stream("topic").random(self.size)
        topic = np.searchsorted(edges, drawn, side="right")
        for rows, weights in self._mixes():
            topic[rows] = np.searchsorted(np.cumsum(weights)[:-1], drawn[rows], side="right")
        return topic.astype(np.int32)

    def _mixes(self) -> list[tuple[NDArray[np.bool_], NDArray[np.float64]]]:
        """Return rows with another mix of topics and that mix; of shifts at one place all count."""
        shifts = [shift for shift in self.world.shifts if shift.kind == "topic"]
        ends = sorted({0.0, 1.0, *(s.at for s in shifts), *(s.until for s in shifts)})
        names = [topic.name for topic in self.world.topics]
        found = []
        for low, high in itertools.pairwise(ends) if shifts else ():
            weights = self.solved.weights.copy()
            for shift in shifts:
                if shift.at <= low and high <= shift.until:
                    weights[names.index(shift.topic)] *= shift.size
            if weights.sum() > 0:
                found.append(((self.place >= low) & (self.place < high), weights / weights.sum()))
        return found

    def _luck(self) -> Floats:
        """Return (M, size) standard normal draws, correlated as solved."""
        count = len(self.world.models)
        own = np.stack([self.normal("error", m) for m in range(count)])
        residual = self.solved.residual
        if count < 2 or np.array_equal(residual, np.eye(count)):
            return own
        common = float(residual[0, 1])
        if common > 0 and np.array_equal(residual, np.where(np.eye(count, dtype=bool), 1.0, common)):
            # One factor for all: an eighth of the time of a matrix product.
            own *= np.float32(np.sqrt(1 - common))
            own += np.float32(np.sqrt(common)) * self.normal("shared")
            return own
        return np.asarray(np.linalg.cholesky(residual).astype(np.float32) @ own)

    def _right(self, model: SimModel, chance: Floats, luck: Floats) -> NDArray[np.bool_]:
        """Return where the model is right: the logit of its curve, drifted, beats the logit of a uniform draw."""
        for shift in self.world.shifts:
            if shift.kind == "drift" and shift.model in {"", model.name}:
                gone = np.clip((self.place - np.float32(shift.at)) / np.float32(max(shift.until - shift.at, 1e-9)), 0, 1)
                chance = chance + np.float32(model.discrimination * shift.size) * gone
        return np.asarray(chance > luck * (np.float32(CUBIC[0]) + np.float32(CUBIC[1]) * luck * luck))

    def _verdict(self, m: int, right: NDArray[np.bool_]) -> None:
        said = right
        if self.world.judge_noise:
            said = right ^ (self.stream("judge", m).random(self.size, dtype=np.float32) < self.world.judge_noise)
        self.drawn.quality[m, self.rows] = said

    def _prompts(self) -> Floats:
        """Return (size,) prompt lengths of lognormal spread and the world's mean."""
        spread, hard = self.world.tokens_in_spread, self.world.longer_prompt_when_hard
        centre = np.log(self.world.tokens_in / self.solved.length[-1]) - (spread**2 + hard**2) / 2
        return np.asarray(np.exp(np.float32(spread) * self.normal("prompt") + np.float32(hard) * self.z + self.wordy + np.float32(centre)))

    def _bill(self, m: int, model: SimModel, right: NDArray[np.bool_]) -> None:
        """Fill tokens, cost and latency of one model."""
        mean = model.tokens_out / self.solved.length[m]
        exponent = self.normal("length", m)
        exponent *= np.float32(model.tokens_spread)
        exponent += np.float32(np.log(mean) - model.tokens_spread**2 / 2)
        if len(self.world.topics) > 1:
            exponent += self.wordy
        if model.longer_when_hard:
            exponent += np.float32(model.longer_when_hard) * self.z
        if model.longer_when_wrong:
            exponent += np.float32(model.longer_when_wrong) * ~right
        tokens = np.maximum(np.rint(np.exp(exponent, out=exponent)), 1)
        if model.price_usd_per_query is None:
            read = np.maximum(np.rint(self.prompt * np.float32(model.tokens_in_factor)), 1)
            cost = read * np.float32(model.price_in_usd_per_mtok * 1e-6) + tokens * np.float32(model.price_out_usd_per_mtok * 1e-6)
        else:
            read = np.full(self.size, np.nan, np.float32)
            cost = tokens * np.float32(model.price_usd_per_query / model.tokens_out)
        latency = np.float32(model.first_token_s) + tokens * np.float32(1 / model.speed_tok_per_s)
        if model.latency_spread:
            noise = self.normal("latency", m) * np.float32(model.latency_spread) - np.float32(model.latency_spread**2 / 2)
            latency *= np.exp(noise, out=noise)
        for shift in self.world.shifts:
            if shift.kind in {"price", "slowdown"} and shift.model in {"", model.name}:
                hit = cost if shift.kind == "price" else latency
                hit[self._during(shift.at, shift.until)] *= np.float32(shift.size)
        self.drawn.cost[m, self.rows] = cost
        self.drawn.latency[m, self.rows] = latency
        if self.drawn.tokens_in is not None and self.drawn.tokens_out is not None:
            self.drawn.tokens_in[m, self.rows] = read
            self.drawn.tokens_out[m, self.rows] = np.nan if model.price_usd_per_query is not None else tokens

    def _during(self, at: float, until: float) -> NDArray[np.bool_]:
        return np.asarray((self.place >= at) & (self.place < until))

    def _outages(self) -> None:
        """Nothing is known of calls in an outage: they weren't answered."""
        for shift in self.world.shifts:
            if shift.kind != "outage":
                continue
            away = self.rows.start + np.flatnonzero(self._during(shift.at, shift.until))
            for m, model in enumerate(self.world.models):
                if shift.model in {"", model.name}:
                    drawn = self.drawn
                    for values in (drawn.quality, drawn.cost, drawn.latency, drawn.confidence, drawn.tokens_in, drawn.tokens_out):
                        if values is not None:
                            values[m, away] = np.nan


def _each(topic: NDArray[np.int32], values: Any) -> Floats:
    """Return (size,) the values of each query's topic."""
    by_topic = np.asarray(values, dtype=np.float32)
    return by_topic[topic] if len(by_topic) > 1 else np.full(len(topic), by_topic[0], np.float32)


def _ease(lean: Lean, m: int, topic: NDArray[np.int32], hard: Floats) -> Floats:
    """Return (size,) standardised ease of the queries for a model."""
    ease = _each(topic, lean.topic[m]) - np.float32(lean.slope[m]) * hard
    return np.asarray(np.clip(ease, -EASE_FAR, EASE_FAR))


def _value(scale: Scale, noise: Floats, right: NDArray[np.bool_], ease: Floats | None) -> Floats:
    """Return (size,) values of an estimate; takes the noise over."""
    noise += np.float32(scale.separation) * right
    if ease is not None:
        noise += np.float32(scale.lean) * ease
    return noise


def _probability(scale: Scale, value: Floats) -> Floats:
    """Return the stated probability of being right at the values of an estimate."""
    low, high = scale.reach
    logits = (scale.logits / scale.temperature + scale.shift).astype(np.float32)
    step = np.float32((high - low) / (len(logits) - 1))
    if scale.lean:
        place = np.clip((value - np.float32(low)) / step, 0, len(logits) - 1.001)
        at = place.astype(np.int32)
        place -= at
        total = logits[at] + place * np.diff(logits)[at]
    else:
        slope = np.float32(scale.separation / scale.temperature)
        total = slope * value + (logits[0] - slope * np.float32(low))
    np.negative(total, out=total)
    np.clip(total, -80, 80, out=total)
    np.exp(total, out=total)
    total += np.float32(1)
    return np.asarray(np.reciprocal(total, out=total))
