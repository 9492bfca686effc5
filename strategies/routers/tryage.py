"""Tryage: foresee every model's loss, then add what the user cares about besides."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np

from data.problems import listed, refuse
from strategies.knobs import choice, knob
from strategies.predictors.expected import Arrays, ExpectingRouter, by_name
from strategies.predictors.learners import LEARNERS, NETWORK, learn_by, said_by
from strategies.predictors.modelfacts import billions, released
from strategies.protocol import Card, Doubles, Floats, Training, View

_ENERGY = "energy_wh"  # a signal that a set may bring along; no reader makes it up
_WAYS = {
    "latency": "Record latencies, or set its weight to 0.",
    "size": "Name models with their size (llama-2-13b), or set its weight to 0.",
    "energy": f"Bring a column {_ENERGY} for every model, or set its weight to 0.",
    "age": "Name models with their date (gpt-4o-2024-05-13), or set its weight to 0.",
}


@dataclass(frozen=True, eq=False)
class Tryage(ExpectingRouter):
    """Route to argmin L_hat(x, m) + sum_k lambda_k * C_k(m), L_hat = 1 - q_hat (arXiv 2308.11601).

    C_k : expected cost of the call (lambda), mean latency in seconds, size in billions of parameters, mean energy in Wh, age in
    years against the newest of the pool. How the paper weighs or scales its C_k was not to be found: here each keeps its unit and
    has its own weight. A constraint with a weight whose value is not known for every model is refused, never taken as 0.
    """

    card = Card(
        id="tryage",
        title="Tryage",
        family="router",
        source="arXiv 2308.11601 (argmin of predicted loss plus weighted constraints)",
        rule="argmin_m (1 - q_hat_m(x)) + lambda * c_hat_m(x) + sum_k w_k * C_k(m)",
        idea="A small network foresees how badly each model would do on the prompt. "
        "The user's other wishes (cheap, fast, small, frugal, recent) are added with weights of their own.",
        reported="Picks the best expert 50.9 % of the time, GPT-3.5 Turbo as selector 23.6 %, Gorilla 10.8 % (arXiv 2308.11601).",
        limits="The paper's router is a fine-tuned language model that also reads flags in the prompt; ours reads a frozen embedding and "
        "takes weights. Its constraints on security and verbosity are left out: no data has them. Size and age are read off names.",
        needs=frozenset({"embedding"}),
    )
    w_latency: float = knob(
        0.0, low=0, high=100, scale="log", unit="quality per second", title="latency weight",
        help="How much quality a second of mean latency has to buy; 0 ignores it.", higher="prefers fast models",
    )  # fmt: skip
    w_size: float = knob(
        0.0, low=0, high=100, scale="log", unit="quality per billion parameters", title="size weight",
        help="How much quality a billion parameters have to buy; 0 ignores it.", higher="prefers small models",
    )  # fmt: skip
    w_energy: float = knob(
        0.0, low=0, high=100, scale="log", unit="quality per Wh", title="energy weight",
        help="How much quality a watt-hour has to buy; 0 ignores it.", higher="prefers frugal models",
    )  # fmt: skip
    w_age: float = knob(
        0.0, low=0, high=100, scale="log", unit="quality per year", title="age weight",
        help="How much quality a year of age has to buy; 0 ignores it.", higher="prefers recent models",
    )  # fmt: skip
    k: int = knob(
        32, low=2, high=512, unit="queries", title="neighbours", whole=True,
        help="How many similar fit queries to ask, where the learner is neighbours.", higher="smoother, less local",
    )  # fmt: skip
    learner: str = choice(NETWORK, options=LEARNERS, title="learner", help="What foresees the loss: neighbours, a line, or a network.")

    def learn(self, training: Training) -> Self:
        """Keep what the learner learns, and each model's mean latency and energy, NaN = not known."""
        fitted = super().learn(training)
        latency = np.array([training.table.mean("latency_s")[m] for m in training.models])
        energy = np.array([_mean(training.signal(_ENERGY, m)) for m in range(len(latency))]) if training.has_signal(_ENERGY) else None
        return fitted.with_state(**fitted.state, latency=latency, energy=np.full(len(latency), np.nan) if energy is None else energy)

    def learned(self, x: Floats, y: Doubles) -> Arrays:
        """Return what the learner keeps."""
        return learn_by(self.learner, x, y, seed=self.seed)

    def predicted(self, x: Floats) -> Doubles:
        """Return expected quality and cost."""
        return said_by(self.state, x, k=self.k)

    def estimate(self, view: View) -> tuple[Doubles, Doubles]:
        """Return (n, M) expected quality less the weighted constraints, and expected cost."""
        quality, cost = super().estimate(view)
        return quality - self.penalty(view), cost

    def penalty(self, view: View) -> Doubles:
        """Return (M,) the weighted sum of the constraints; ProblemError for one that has a weight and is not known of every model."""
        total = np.zeros(len(view.models))
        for name, weight in (("latency", self.w_latency), ("size", self.w_size), ("energy", self.w_energy), ("age", self.w_age)):
            if not weight:
                continue
            amount = self._amount(name, view)
            if np.isnan(amount).any():
                unknown = [view.models[m].name for m in np.flatnonzero(np.isnan(amount))]
                raise refuse(f"tryage: the {name} of {listed(unknown)} is not known.", _WAYS[name], column=f"w_{name}")
            total += weight * amount
        return total

    def _amount(self, name: str, view: View) -> Doubles:
        if name == "size":
            return np.array([billions(card) for card in view.models])
        if name == "age":
            dates = np.array([released(card) for card in view.models])
            return np.asarray(dates.max() - dates)  # NaN if any is unknown: the newest is then unknown too
        return np.asarray(by_name(self.state[name][None, :], self.state["names"], view)[0])


def _mean(values: Floats) -> float:
    there = values[~np.isnan(values)]
    return float(there.mean(dtype=np.float64)) if len(there) else float("nan")
