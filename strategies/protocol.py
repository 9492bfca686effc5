"""All that an author of a strategy must read.

A strategy is a frozen dataclass: a `card` that says what it is, knobs, and `decide`. The loop asks `decide` stage by
stage with a `View` of what is known now about the queries still open, bills what it calls, and narrows the open queries.
Replay and live use the same loop and the same object. Order: `fit(part)` -> `learn(training)` once, then `decide` many
times; `fit` and `calibrate` return copies. Strategies of the family "online" get their queries one at a time, in a seeded order
of arrival, and `observe` after each: between two of these they decide as any other strategy does.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from typing import Any, ClassVar, Literal, Protocol, Self, TypeAlias, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from data.models import ModelCard
from data.outcomes import OutcomeTable
from data.problems import LeakError, ProblemError, refuse
from data.signals import given
from strategies.knobs import check_knobs

Floats: TypeAlias = NDArray[np.float32]
Doubles: TypeAlias = NDArray[np.float64]
Ints: TypeAlias = NDArray[np.integer[Any]]
Bools: TypeAlias = NDArray[np.bool_]
Family: TypeAlias = Literal["baseline", "router", "cascade", "ensemble", "online"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """What a strategy is, for people and for the pages.

    source : arXiv id and equation. rule : the decision in one formula. idea : two sentences in plain words.
    reported : what it was reported to do, where, by whom. limits : when it should not be trusted, and what we do otherwise than its paper.
    needs : signals and features without which it cannot run ("embedding", "answers"); pages grey it out.
    bound : an oracle; may see quality and is always drawn as a bound. batch : decides over all queries at once.
    judged : stands on a simulated judge of called models' answers, which the source makes from the truth; it says so wherever it is
    shown, is drawn like a bound, and never runs live.
    """

    id: str
    title: str
    family: Family
    source: str
    rule: str
    idea: str = ""
    reported: str = ""
    limits: str = ""
    needs: frozenset[str] = frozenset()
    bound: bool = False
    batch: bool = False
    judged: bool = False


@runtime_checkable
class View(Protocol):
    """What is known now about the n queries still open. It has no word for quality."""

    @property
    def stage(self) -> int:
        """Rounds of calls already made on each of them."""

    @property
    def last(self) -> Ints | int:
        """The model that answered last: one for all, or (n,)."""

    @property
    def models(self) -> tuple[ModelCard, ...]:
        """Static cards of the M models."""

    @property
    def called(self) -> Bools:
        """(n, M) who was called so far."""

    @property
    def bill(self) -> Floats:
        """(n,) what was spent so far, in the table's cost unit."""

    @property
    def texts(self) -> Sequence[str]:
        """The n prompts; loads them."""

    def __len__(self) -> int: ...

    def feature(self, name: str) -> Floats:
        """(n, d) of something known before any call: "embedding", "text".

        A feature may have a price (a judge who is asked about the question): asking bills it, to each query once.
        """

    def signal(self, name: str, model: int) -> Floats:
        """(n,) of something visible after a call; NotCalledError if any open query lacks that call.

        A signal may have a price (a verifier, a self-check): asking bills it, to each query once.
        """

    def answer(self, model: int) -> Ints:
        """(n,) codes of a called model's answers: equal = same answer, -1 = none; they only compare for equality."""

    def samples(self, model: int, count: int) -> Ints:
        """(n, count) codes of a called model's repeated answers, equal = same answer, -1 = none.

        Asking bills count - 1 further calls, each query once for each count: the call was the first answer.
        """

    def uniform(self, tag: str) -> Floats:
        """(n,) seeded draws in [0, 1) that depend on the query and the tag only, not on order or subset."""

    def arms(self, names: Sequence[str]) -> tuple[int, ...]:
        """Positions of models given by name."""

    def where(self, mask: Bools) -> View:
        """Return the same view of a part of the open queries."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What to do with the n open queries; each field is an (n,) array, or one scalar for all.

    stop : return an answer now. answer : whose answer, where stop. call : who is called next, elsewhere;
    (n, M) or (M,) booleans call several at once (latency is their maximum).
    score : shown in the trace beside the threshold; what a cutting knob is compared with.
    sample : which of the answering model's repeated answers is returned, -1 or None = its main one; it has to be drawn before.
    """

    stop: Bools | bool
    answer: Ints | int | None = None
    call: Ints | Bools | int | None = None
    score: Floats | None = None
    sample: Ints | int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Feedback:
    """What is known once one query was answered; nothing of a model that was not called.

    view : the query as it stands after its last call, a view of one: its features, answers and signals of called models.
    called : (M,) booleans. answer : position of the model whose answer was returned.
    quality : (M,) of the called models' answers; NaN = not called, or nobody said whether it was right: nothing to learn from.
    cost : the query's whole bill, NaN = not known.
    """

    view: View
    called: Bools
    answer: int
    quality: Doubles
    cost: float


@dataclass(frozen=True, eq=False)
class Training:
    """What `learn` gets: a part of a split that is not test. Only here is quality readable.

    The vocabulary is the view's, with models by position: `quality(m)`, `cost_usd(m)`, `feature(name)`, `signal(name, m)`.
    """

    table: OutcomeTable
    features: Any  # strategies.engines.recorded.Columns; Any keeps authors' imports to this one file

    def __post_init__(self) -> None:
        if self.table.role == "test":
            raise LeakError("fit and calibrate refuse the test part: give parts.fit or parts.calibrate.")

    def __len__(self) -> int:
        return len(self.table)

    @property
    def models(self) -> tuple[str, ...]:
        """Names of the M models."""
        return self.table.models

    @cached_property
    def cheap_to_dear(self) -> tuple[str, ...]:
        """Names of the models by mean cost; without any cost by mean quality, which is then the only order there is."""
        cost, quality = self.table.mean("cost_usd"), self.table.mean("quality")
        unknown = any(np.isnan(value) for value in cost.values())
        key = quality if unknown else cost

        def last(value: float) -> float:
            return np.inf if np.isnan(value) else value

        return tuple(sorted(self.models, key=lambda m: (last(key[m]), last(quality[m]), m)))

    @property
    def texts(self) -> Sequence[str]:
        """The n prompts; loads them."""
        return list(self.features.texts(None))

    def quality(self, model: int | str) -> Floats:
        """(n,) quality of one model, NaN = not run."""
        return self.table.quality(model)

    def cost_usd(self, model: int | str) -> Floats:
        """(n,) cost of one model, NaN = not known."""
        return self.table.cost_usd(model)

    def feature(self, name: str) -> Floats:
        """(n, d) of something known before any call."""
        return np.asarray(self.features.feature(name), dtype=np.float32)

    def signal(self, name: str, model: int) -> Floats:
        """(n,) of something visible after a call."""
        return np.asarray(self.features.signal(name, model), dtype=np.float32)

    def has_signal(self, name: str) -> bool:
        """Whether a signal was recorded, or follows from what was."""
        return given(self.table, name)

    def has_feature(self, name: str) -> bool:
        """Whether a feature is there without long work."""
        return bool(self.features.has_feature(name))


class Kept(dict[str, NDArray[Any]]):
    """A fitted state: named arrays that nobody changes, so that their hash is computed once for all copies of a policy."""

    @cached_property
    def digest(self) -> str:
        """Hash of names, types, shapes and values, 12 hex digits."""
        state = hashlib.blake2b(digest_size=6)
        for name in sorted(self):
            values = np.ascontiguousarray(self[name])
            state.update(f"{name}{values.dtype}{values.shape}".encode() + values.tobytes())
        return state.hexdigest()


@dataclass(frozen=True, eq=False)
class Strategy:
    """Base of all strategies; subclasses add a `card`, knobs, `decide`, and `learn` where they are fitted."""

    card: ClassVar[Card]
    seed: int = 0
    state: Mapping[str, NDArray[Any]] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        check_knobs(self)
        if not isinstance(self.state, Kept):
            object.__setattr__(self, "state", Kept(self.state))

    def fit(self, part: OutcomeTable) -> Self:
        """Return a copy fitted on one part of a split; LeakError if it is the test part."""
        from strategies.engines.recorded import Columns

        return self.learn(Training(part, Columns(part)))

    def calibrate(self, part: OutcomeTable, goal: Any) -> Self:
        """Return a copy whose knobs meet a goal on the calibrate part (strategies.frontiers.tune)."""
        from strategies.frontiers.tune import tune

        return tune(self, part, goal)

    def learn(self, training: Training) -> Self:  # noqa: ARG002 - the default learns nothing
        """Return a copy with `state` (named arrays) and resolved choices; called once by `fit`."""
        return self

    def decide(self, view: View) -> Decision:
        """Return what to do with the open queries, row by row independent unless `card.batch`."""
        raise NotImplementedError

    def observe(self, feedback: Feedback) -> Self:  # noqa: ARG002 - the default learns nothing more
        """Return a copy that has learnt from one answered query; the loop asks strategies of the family "online" only."""
        return self

    def missing(self, table: OutcomeTable) -> str:  # noqa: ARG002 - the default needs nothing more than its card says
        """Return in words what this table lacks for this strategy, or an empty string."""
        return ""

    @cached_property
    def key(self) -> str:
        """Identity of the policy: id, knobs, seed and a hash of the state. Cache key, URL, name in exports."""
        state = self.state if isinstance(self.state, Kept) else Kept(self.state)
        settings = ",".join(f"{k}={v!r}" for k, v in self.settings().items())
        return f"{self.card.id}({settings},seed={self.seed})#{state.digest}"

    def settings(self) -> dict[str, Any]:
        """Return every declared field and its value: what a person set."""
        return {f.name: getattr(self, f.name) for f in fields(self) if f.metadata}

    def with_state(self, **arrays: NDArray[Any]) -> Self:
        """Return a copy with these named arrays as its fitted state."""
        return replace(self, state={name: np.asarray(values) for name, values in arrays.items()})

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Strategy) and self.key == other.key

    def __hash__(self) -> int:
        return hash(self.key)


def needs_fit(strategy: Strategy, name: str) -> NDArray[Any]:
    """Return one array of a fitted state; ProblemError with the way out when the strategy was not fitted."""
    if name not in strategy.state:
        raise unfitted(strategy)
    return strategy.state[name]


def unfitted(strategy: Strategy) -> ProblemError:
    """Return (not raise) the error of a strategy whose choices are still open."""
    return refuse(f"{strategy.card.id} was not fitted.", "Call .fit(parts.fit) first: it learns from the fit part.")
