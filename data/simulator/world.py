"""A simulated world: its topics, its models, what changes while it runs. All of it is assumption, every number can be turned."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import Any, TypeAlias

from data.models import ModelCard
from data.problems import refuse
from data.simulator.parameters import check, number, word

Matrix: TypeAlias = tuple[tuple[float, ...], ...]
QUERIES_MOST = 2_000_000
MARK = " (simulated)"


def marked(name: str) -> str:
    """Return a name with the mark at its end, once."""
    return name.removesuffix(MARK) + MARK


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """A kind of query. `name` becomes the task of its queries."""

    name: str
    weight: float = number(1.0, label="Weight", low=0, high=1e6, unit="", help="How often it is asked, relative to the others.")
    difficulty: float = number(
        0.0,
        label="Difficulty",
        low=-20,
        high=20,
        unit="logits",
        help="Mean difficulty of its queries: ability 0 is right half the time at 0.",
    )
    spread: float = number(
        1.0, label="Spread of difficulty", low=0, high=10, unit="", help="How much its difficulty spreads, relative to the world's."
    )
    length: float = number(
        1.0, label="Length", low=0.01, high=100, unit="", help="How long its prompts and answers are, relative to others.", scale="log"
    )

    def __post_init__(self) -> None:
        check(self, f"topic {self.name}")


@dataclass(frozen=True, slots=True, kw_only=True)
class SimModel:
    """A simulated model: how able, how sure, how dear, how fast.

    Right with probability 1 / (1 + exp(-discrimination (ability + strengths[topic] - difficulty))): Birnbaum's two-parameter
    curve. Where `accuracy` is given, ability is moved until the mean over the world's queries is that.
    strengths : logits added to ability, one a topic of the world, or empty. confidence_auroc, ex_ante_auroc : None = the world's.
    source : where its facts come from; shown on its card.
    """

    name: str
    title: str = ""
    source: str = ""
    date: str = ""
    ability: float = number(
        0.0, label="Ability", low=-40, high=40, unit="logits", help="At a query of this difficulty it is right half the time."
    )
    accuracy: float | None = number(
        None, label="Accuracy", low=0.001, high=0.999, unit="share right", help="Mean accuracy that its ability is moved to reach.",
        optional=True, none="follows from ability",
    )  # fmt: skip
    strengths: tuple[float, ...] = number(
        (), label="Strength", low=-40, high=40, unit="logits", help="Added to its ability on one topic: what makes a specialist."
    )
    discrimination: float = number(
        1.0, label="Discrimination", low=0.05, high=5, unit="per logit", help="How sharply its accuracy falls as queries get harder."
    )
    price_in_usd_per_mtok: float = number(
        1.0, label="Input price", low=0, high=1000, unit="USD per million tokens", help="Price of prompt tokens.", scale="log"
    )
    price_out_usd_per_mtok: float = number(
        3.0, label="Output price", low=0, high=1000, unit="USD per million tokens", help="Price of answer tokens.", scale="log"
    )
    price_usd_per_query: float | None = number(
        None, label="Price per query", low=0, high=1000, unit="USD", help="Mean price of a call, where no token counts are simulated.",
        optional=True, none="follows from tokens",
    )  # fmt: skip
    tokens_in_factor: float = number(
        1.0, label="Prompt factor", low=0, high=1000, unit="", help="Its prompt tokens relative to the world's.", scale="log"
    )
    tokens_out: float = number(
        300.0, label="Answer length", low=1, high=100_000, unit="tokens", help="Mean tokens of an answer.", scale="log"
    )
    tokens_spread: float = number(
        0.5, label="Spread of length", low=0, high=3, unit="log tokens", help="Standard deviation of the logarithm of its answer's length."
    )
    longer_when_hard: float = number(
        0.0, label="Longer when hard", low=-2, high=2, unit="log tokens per SD", help="How much longer answers to harder queries are."
    )
    longer_when_wrong: float = number(
        0.0, label="Longer when wrong", low=-2, high=2, unit="log tokens", help="How much longer its wrong answers are than its right ones."
    )
    first_token_s: float = number(
        0.4, label="Time to first token", low=0, high=600, unit="s", help="Seconds before the first token of an answer."
    )
    speed_tok_per_s: float = number(
        60.0, label="Speed", low=0.1, high=100_000, unit="tokens per s", help="Tokens of an answer written each second.", scale="log"
    )
    latency_spread: float = number(
        0.2, label="Spread of latency", low=0, high=3, unit="log s",
        help="Standard deviation of the logarithm of its latency, length aside.",
    )  # fmt: skip
    energy_wh_per_ktok: float | None = number(
        None, label="Energy", low=0, high=1000, unit="Wh per 1,000 tokens", help="Declared energy of answer tokens; no outcome uses it.",
        optional=True, none="not declared",
    )  # fmt: skip
    confidence_auroc: float | None = number(
        None, label="Confidence", low=0.5, high=1, unit="AUROC", help="How well its confidence tells right answers from wrong.",
        optional=True, none="the world's",
    )  # fmt: skip
    ex_ante_auroc: float | None = number(
        None, label="Predictability", low=0.5, high=1, unit="AUROC", help="How well its being right is foreseen before the call.",
        optional=True, none="the world's",
    )  # fmt: skip
    overconfidence: float = number(
        0.0,
        label="Overconfidence",
        low=-0.95,
        high=0.95,
        unit="share",
        help="Mean confidence less accuracy, before judge noise and changes on the way: above 0 it is surer than right.",
    )
    temperature: float = number(
        1.0, label="Temperature", low=0.1, high=10, unit="", scale="log",
        help="Divides the logit of its calibrated confidence: below 1 too extreme.",
    )  # fmt: skip

    def __post_init__(self) -> None:
        object.__setattr__(self, "strengths", tuple(self.strengths))
        check(self, f"model {self.name}")

    def card(self, cost_unit: str = "USD", draw: str = "") -> ModelCard:
        """Return the model's card; prices of a simulation are assumptions, whatever published list they started from.

        draw : identity of the world's numbers. Cards are part of a table's fingerprint and features are not, so this tells draws apart
        that differ in what is foreseen only.
        """
        if self.price_usd_per_query is None:
            prices = {"price_in_usd_per_mtok": self.price_in_usd_per_mtok, "price_out_usd_per_mtok": self.price_out_usd_per_mtok}
        else:
            prices = {"price_usd_per_query" if cost_unit == "USD" else "relative_price": self.price_usd_per_query}
        energy = "" if self.energy_wh_per_ktok is None else f", {self.energy_wh_per_ktok:g} Wh per 1,000 answer tokens declared"
        note = f"simulated: {self.speed_tok_per_s:g} tokens per s{energy}{f'; draw {draw}' if draw else ''}"
        return ModelCard(name=self.name, title=self.title, tier="assumed", date=self.date, source=self.source, note=note, **prices)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """Something that changes at a place in the order of the queries.

    kind : "drift" moves the ability of the model by `size` logits, evenly from `at` to `until`, and leaves it there; "topic" multiplies
    the weight of the topic, "price" the cost and "slowdown" the latency of the model's calls by `size` between the two; in an
    "outage" the model's calls there were not answered. model, topic : a name, "" = all models.
    """

    kind: str = word(
        "drift", label="What", options=("drift", "topic", "price", "slowdown", "outage"),
        help="Drift moves ability, topic the mix of queries, price the cost, slowdown the latency; in an outage nothing is answered.",
    )  # fmt: skip
    at: float = number(0.5, label="From", low=0, high=1, unit="share of the queries", help="Where in the order of the queries it begins.")
    until: float = number(1.0, label="Until", low=0, high=1, unit="share of the queries", help="Where in the order of the queries it ends.")
    size: float = number(
        -1.0, label="Size", low=-20, high=1000, unit="logits, or a factor", help="Logits for a drift, a factor for the others."
    )
    model: str = ""
    topic: str = ""

    def __post_init__(self) -> None:
        check(self, f"shift {self.kind}")
        for what in ("model", "topic"):
            if not isinstance(getattr(self, what), str):
                raise refuse(f"the {what} of a {self.kind} shift is {getattr(self, what)!r}, no name.", "Give a name.", column=what)
        if self.until < self.at:
            raise refuse(f"a shift ends at {self.until:g}, before it begins at {self.at:g}.", "Let it end later.", column="until")
        if self.kind in {"topic", "price", "slowdown"} and self.size < 0:
            raise refuse(f"the factor of a {self.kind} shift is {self.size:g}.", "Give 0 or more.", column="size")
        if (self.kind == "topic") != bool(self.topic):
            raise refuse(
                f"a {self.kind} shift {'needs a' if self.kind == 'topic' else 'has no'} topic.",
                "Topic shifts, and only they, name one.",
                column="topic",
            )


@dataclass(frozen=True, kw_only=True)
class World:
    """Everything `simulate` needs. Equal worlds give equal tables, number for number.

    topics, models : in order. shifts : what changes on the way.
    residuals : (M, M) correlations of what difficulty and topic leave open, instead of `correlation`; empty = one number for all.
    sources : where its published facts come from, in words; notes : what its figures leave out or rest on. Both are shown with it.
    """

    name: str = "A world" + MARK
    models: tuple[SimModel, ...] = ()
    topics: tuple[Topic, ...] = (Topic(name="all"),)
    shifts: tuple[Shift, ...] = ()
    residuals: Matrix = ()
    sources: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    n: int = number(
        4000, label="Queries", low=1, high=QUERIES_MOST, unit="queries", help="How many queries are asked.", scale="log", whole=True
    )
    seed: int = number(0, label="Seed", low=0, high=2**32 - 1, unit="", help="Another seed is another draw of the same world.", whole=True)
    difficulty_spread: float = number(
        1.5, label="Spread of difficulty", low=0, high=8, unit="logits", help="Standard deviation of difficulty within a topic."
    )
    difficulty_shape: str = word(
        "one hump", label="Shape of difficulty", options=("one hump", "two humps", "even"),
        help="How difficulty is spread: most queries in the middle, easy and hard ones apart, or all alike often.",
    )  # fmt: skip
    post_hoc: float = number(
        0.8, label="Post-hoc predictability", low=0.5, high=1, unit="AUROC",
        help="What a cascade can see: how well the confidence of an answer tells right from wrong; 0.5 is a coin.",
    )  # fmt: skip
    ex_ante: float = number(
        0.65, label="Ex-ante predictability", low=0.5, high=1, unit="AUROC",
        help="What a router can know: how well being right is foreseen before the call; 0.5 is a coin, 1 is the oracle.",
    )  # fmt: skip
    post_hoc_difficulty: float = number(
        0.0, label="Confidence follows difficulty", low=0, high=1, unit="share",
        help="How much of the confidence is about how hard the query is for the model rather than about the answer being right.",
    )  # fmt: skip
    ex_ante_difficulty: float = number(
        0.0, label="Foresight follows difficulty", low=0, high=1, unit="share",
        help="How much of what is foreseen is about how hard the query is for the model rather than about the very answer.",
    )  # fmt: skip
    post_hoc_topic: float = number(
        0.5, label="Confidence follows the topic", low=0, high=1, unit="share",
        help="Of what confidence knows of difficulty, how much is the topic alone; a half is both as they are.",
    )  # fmt: skip
    ex_ante_topic: float = number(
        0.5, label="Foresight follows the topic", low=0, high=1, unit="share",
        help="Of what is foreseen of difficulty, how much is the topic alone; a half is both as they are.",
    )  # fmt: skip
    ex_ante_shared: float = number(
        0.0, label="Shared error of foresight", low=0, high=1, unit="share",
        help="How much of the error of what is foreseen is the same for all models of a query.",
    )  # fmt: skip
    correlation: float | None = number(
        None, label="Error correlation", low=-1, high=1, unit="phi",
        help="Mean correlation of two models' right and wrong answers, over all pairs of models.",
        optional=True, none="only what common difficulty and topic bring",
    )  # fmt: skip
    cost_unit: str = word(
        "USD", label="Cost in", options=("USD", "share", "relative"),
        help="What a call's cost is counted in: USD, the share sent to the strong of two models, or a relative price per call.",
    )  # fmt: skip
    judge_noise: float = number(
        0.0,
        label="Judge noise",
        low=0,
        high=0.5,
        unit="share of verdicts",
        help="How often the recorded verdict is the opposite of the truth.",
    )
    tokens_in: float = number(
        400.0, label="Prompt length", low=1, high=1_000_000, unit="tokens", help="Mean tokens of a prompt.", scale="log"
    )
    tokens_in_spread: float = number(
        0.6,
        label="Spread of prompt length",
        low=0,
        high=3,
        unit="log tokens",
        help="Standard deviation of the logarithm of a prompt's length.",
    )
    longer_prompt_when_hard: float = number(
        0.0,
        label="Longer prompt when hard",
        low=-2,
        high=2,
        unit="log tokens per SD",
        help="How much longer the prompts of harder queries are.",
    )

    def __post_init__(self) -> None:
        for name, kind in (("models", SimModel), ("topics", Topic), ("shifts", Shift)):
            given = tuple(getattr(self, name))
            if not all(isinstance(each, kind) for each in given):
                raise refuse(f"{name} of {self.name!r} are not all of the kind {kind.__name__}.", "Build each with it.", column=name)
            object.__setattr__(self, name, given)
        object.__setattr__(self, "residuals", tuple(tuple(float(v) for v in row) for row in self.residuals))
        object.__setattr__(self, "sources", tuple(self.sources))
        object.__setattr__(self, "notes", tuple(self.notes))
        check(self, self.name)
        _check_parts(self)

    @cached_property
    def key(self) -> str:
        """Identity of the world: 16 hex digits of everything a table of it depends on."""
        return hashlib.blake2b(json.dumps(self.to_json(), sort_keys=True).encode(), digest_size=8).hexdigest()

    @property
    def moved_by(self) -> tuple[str, ...]:
        """What moves the measured worth of confidence and foresight away from what is asked for: "judge noise", "drift", "topic shift"."""
        kinds = {shift.kind for shift in self.shifts}
        found = {"judge noise": self.judge_noise > 0, "drift": "drift" in kinds, "topic shift": "topic" in kinds}
        return tuple(name for name, there in found.items() if there)

    @cached_property
    def draw(self) -> str:
        """Identity of the numbers drawn, 16 hex digits: as `key`, whatever the world is called and is said of it."""
        return replace(self, name="", sources=(), notes=()).key

    def model(self, name: str) -> SimModel:
        """Return one model by name; ProblemError if there is none."""
        for each in self.models:
            if each.name == name:
                return each
        raise refuse(f"there is no model {name!r} in {self.name!r}.", f"Models: {', '.join(m.name for m in self.models) or 'none'}.")

    def to_json(self) -> dict[str, Any]:
        """Return the world as plain JSON values, without what is at its default."""
        return _plain(self)

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> World:
        """Return a world from `to_json`'s values; unknown fields and bad values are refused by name."""
        given = dict(values)
        for name, kind in (("models", SimModel), ("topics", Topic), ("shifts", Shift)):
            if name in given:
                given[name] = tuple(_built(kind, each) for each in given[name])
        built: World = _built(cls, given)
        return built


def _check_parts(world: World) -> None:
    for what, things in (("model", world.models), ("topic", world.topics)):
        names = [each.name for each in things]
        if not names or len(set(names)) != len(names) or not all(names):
            raise refuse(
                f"{world.name!r} needs {what}s with names of their own.",
                f"Give each {what} another name, and at least one.",
                column=f"{what}s",
            )
    if not sum(topic.weight for topic in world.topics) > 0:
        raise refuse("no topic is ever asked.", "Give one a weight above 0.", column="topics")
    for model in world.models:
        if model.strengths and len(model.strengths) != len(world.topics):
            raise refuse(
                f"{model.name} has {len(model.strengths)} strengths for {len(world.topics)} topics.",
                "Give one a topic, or none.",
                column="strengths",
            )
    for shift in world.shifts:
        _check_named(world, shift)
    if world.cost_unit != "USD" and any(model.price_usd_per_query is None for model in world.models):
        raise refuse(f"a cost in {world.cost_unit} needs one price per call a model.", "Give price_usd_per_query.", column="cost_unit")
    if world.residuals and [len(row) for row in world.residuals] != [len(world.models)] * len(world.models):
        raise refuse("residual correlations don't fit the models.", "Give one row and column a model, or none.", column="residuals")


def _check_named(world: World, shift: Shift) -> None:
    for what, name, known in (("model", shift.model, world.models), ("topic", shift.topic, world.topics)):
        if name and name not in {each.name for each in known}:
            raise refuse(f"a shift names the {what} {name!r}, which isn't there.", f"Name a {what} of the world.", column=what)


def _plain(thing: Any) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for item in fields(thing):
        value = getattr(thing, item.name)
        if value == item.default:
            continue
        if isinstance(value, tuple) and value and hasattr(value[0], "__dataclass_fields__"):
            value = [_plain(each) for each in value]
        elif isinstance(value, tuple):
            value = json.loads(json.dumps(value))
        found[item.name] = value
    return found


def _built(kind: Any, values: Mapping[str, Any]) -> Any:
    known = {item.name for item in fields(kind)}
    strange = sorted(set(values) - known)
    if strange:
        raise refuse(f"a simulated {kind.__name__} has the unknown field {strange[0]!r}.", f"Known fields: {', '.join(sorted(known))}.")
    return kind(**{name: tuple(value) if isinstance(value, list) else value for name, value in values.items()})
