"""Keep an answer that looks sure enough, else ask the next model."""

from __future__ import annotations

from dataclasses import InitVar, dataclass, replace
from typing import Self

from data.outcomes import OutcomeTable
from data.problems import refuse
from data.signals import scaled
from strategies.knobs import arms, choice, knob
from strategies.predictors.calibrated import predict
from strategies.predictors.chains import along, thinned
from strategies.predictors.confidence import LACKING, OPTIONS, confident, learn_confidence
from strategies.predictors.pair import NEEDS_PAIR
from strategies.protocol import Card, Decision, Floats, Strategy, Training, View, unfitted

_MOST = 5


@dataclass(frozen=True, eq=False)
class MarginCascade(Strategy):
    """Stop at stage k if the confidence of its answer reaches threshold k; each stage uses its best signal."""

    card = Card(
        id="margin-cascade",
        title="Margin cascade",
        family="cascade",
        source="arXiv 2405.02134, section 3 (two-tier selection on the margin)",
        rule="stop at k if s_k >= t_k",
        idea="Ask the cheap model first and keep its answer when it looks sure. Otherwise pay for the next one as well.",
        reported="Best of routing and cascading competitors in 25 of 27 set-ups: 9 tasks, 3 model pairs (arXiv 2405.02134).",
        limits="A model that is sure where it is wrong is never checked. The paper sets its threshold as a running quantile of two tiers; "
        "here thresholds are set on calibrate, for up to five models, and the confidence may be another than the margin.",
    )
    chain: tuple[str, ...] = arms((), least=2, most=_MOST, help="The models in the order in which they are asked.", title="chain")
    thresholds: tuple[float, ...] = knob(
        (0.6,), low=0, high=1.01, unit="confidence", title="threshold", cuts="stage", vector=True,
        help="Below it the next model is asked as well; above 1 it always is.", higher="escalates more often: dearer, usually better",
    )  # fmt: skip
    signal: str = choice(
        "auto", options=OPTIONS, free=True, title="confidence from",
        help="What tells how sure an answer is; auto takes the best one recorded for each model, else predicts it from the texts.",
    )  # fmt: skip
    t1: InitVar[float | None] = None
    t2: InitVar[float | None] = None
    t3: InitVar[float | None] = None
    t4: InitVar[float | None] = None

    def __post_init__(self, t1: float | None, t2: float | None, t3: float | None, t4: float | None) -> None:
        given = (t1, t2, t3, t4)
        if self.chain and any(t is not None for t in given[len(self.chain) - 1 :]):
            raise refuse(f"{self.card.id}: {len(self.chain)} models have {len(self.chain) - 1} thresholds.", "Leave out the others.")
        wanted = (
            max(len(self.chain) - 1, 1)
            if self.chain
            else max([len(self.thresholds), *(k + 1 for k, t in enumerate(given) if t is not None)])
        )
        own = tuple(self.thresholds) or type(self).thresholds
        padded = [*own, *[own[-1]] * wanted][:wanted]
        values = [padded[k] if k >= len(given) or given[k] is None else given[k] for k in range(wanted)]
        object.__setattr__(self, "chain", tuple(self.chain))
        object.__setattr__(self, "thresholds", tuple(values))
        super().__post_init__()

    def learn(self, training: Training) -> Self:
        """Resolve the chain (at most five, cheap to dear, both ends kept) and each stage's signal; fit the predicted one where used."""
        names = self.chain or thinned(training.cheap_to_dear, _MOST)
        stages = tuple(training.table.index(name) for name in names)[:-1]
        state = learn_confidence(training, stages, self.signal)
        return replace(self, chain=tuple(names)).with_state(**state)

    def decide(self, view: View) -> Decision:
        """Compare the last answer's confidence with its stage's threshold."""
        if not self.chain:
            raise unfitted(self)
        return along(view, self.chain, self.thresholds, lambda k, m: self._confidence(view, k, m))

    def missing(self, table: OutcomeTable) -> str:
        """Say what is lacking: two models, and a signal or a text to predict one from."""
        if len(table.models) < 2:
            return NEEDS_PAIR
        return "" if confident(table) else LACKING

    def signals(self) -> tuple[str, ...]:
        """Return the signal used at each stage."""
        if "signals" in self.state:
            return tuple(str(name) for name in self.state["signals"])
        if self.signal in {"auto", "predicted"}:
            raise unfitted(self)
        return (self.signal,) * (len(self.chain) - 1)

    def _confidence(self, view: View, stage: int, model: int) -> Floats:
        name = self.signals()[stage]
        if name == "predicted":
            return predict(self.state, view, model, stage)
        return scaled(name, view.signal(name, model))
