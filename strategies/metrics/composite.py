"""Several figures in one: the inference efficiency score with its weights, and the accuracy-latency-tokens index."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from data.problems import refuse
from strategies.metrics.base import Metric, Option
from strategies.metrics.facts import NAN, Done, known_means, mean
from strategies.protocol import Doubles, Floats

RESOURCES = ("money", "latency", "energy", "memory", "compute")
FLOOR = 1e-3


def responsiveness(latency_s: Floats | Doubles, wait_s: float, form: str = "ratio") -> Doubles:
    """Return R in [0, 1], (n,): "ratio" wait / (wait + T), one half at the acceptable wait; "linear" max(0, 1 - T / wait).

    latency_s : (n,) seconds, NaN stays NaN. The survey's own R was not recovered: both are ours.
    """
    t = np.asarray(latency_s, dtype=np.float64)
    return wait_s / (wait_s + t) if form == "ratio" else np.maximum(0.0, 1 - t / wait_s)


def combined_cost(parts: Mapping[str, Doubles], references: Mapping[str, float], weights: Mapping[str, float]) -> Doubles:
    """Return C, (n,): the weighted sum over resources of each query's use, as a share of the reference's mean use.

    parts : resource -> (n,). references : resource -> mean of the priciest single model, for which C is 1 on average. weights : >= 0,
    scaled to sum to 1; a resource of weight 0 need not be known. NaN where a weighted one is unknown, or its reference not positive.
    ProblemError if no weight is positive.
    """
    total = sum(weights.values())
    if not total > 0:
        raise refuse("every weight of the cost is 0.", f"Give one of {', '.join(RESOURCES)} a weight.")
    used = [name for name, weight in weights.items() if weight > 0]
    shares = [weights[n] / total * parts[n] / (references[n] if references[n] > 0 else NAN) for n in used]
    return np.asarray(np.sum(shares, axis=0))


def ies(quality: Doubles, speed: Doubles, cost: Doubles, *, alpha: float, floor: float = FLOOR, form: str = "ratio of means") -> float:
    """Return the inference efficiency score (alpha Q + (1 - alpha) R) / C over (n,) queries, C no smaller than the floor.

    quality, speed : Q and R in [0, 1]; a term of weight 0 need not be known. cost : C, 1 = the priciest model. form : "ratio of means",
    or "mean of ratios", which heavy tails of the cost sway. NaN if anything needed is unknown.
    Source: arXiv 2506.06579 (IES); R, the normalisation of C and the floor are ours, for the survey's were not recovered.
    """
    worth = (alpha * quality if alpha > 0 else 0.0) + ((1 - alpha) * speed if alpha < 1 else 0.0)
    if form == "mean of ratios":
        return mean(np.asarray(worth) / np.maximum(cost, floor))
    return mean(worth) / float(np.maximum(mean(cost), floor))


def _used(done: Done, resource: str, given: Any) -> tuple[Doubles, float]:
    """Return (n,) use of a resource, and the mean use of the priciest single model."""
    at = done.pool.ends[1]
    if resource == "money":
        return done.cost.astype(np.float64), float(done.pool.mean_cost[at])
    if resource == "latency":
        return done.latency.astype(np.float64), float(done.pool.mean_latency[at])
    if given is None:
        return np.full(len(done.quality), NAN), NAN
    values = np.asarray(given, dtype=np.float64)
    shape = done.called.shape
    if values.shape not in (shape, shape[1:]):
        raise refuse(
            f"{resource} of shape {values.shape} does not fit {shape[0]} queries and {shape[1]} models.", "Give (n, M), or (M,) per call."
        )
    every = np.broadcast_to(values, shape)
    return done.summed(every), float(known_means(every)[at])


def _ies(done: Done, *, alpha: float, wait: float, response: str, floor: float, form: str, **rest: Any) -> float:
    weights = {name: rest[f"weight_{name}"] for name in RESOURCES}
    found = {name: _used(done, name, rest.get(name)) for name in RESOURCES}
    cost = combined_cost({n: f[0] for n, f in found.items()}, {n: f[1] for n, f in found.items()}, weights)
    speed = responsiveness(done.latency, wait, response)
    return ies(done.quality.astype(np.float64), speed, cost, alpha=alpha, floor=floor, form=form)


def scaled(value: float, among: Doubles) -> float:
    """Return where a value lies between the least and the largest of some, 0 to 1, kept within; NaN if they are all one or unknown."""
    low, span = float(np.min(among)), float(np.ptp(among))
    return float(np.clip((value - low) / span, 0, 1)) if span > 0 else NAN


def _ait(done: Done, *, accuracy: float, latency: float, tokens: float) -> float:
    pool, total = done.pool, accuracy + latency + tokens
    if not total > 0:
        raise refuse("every weight of the index is 0.", "Give accuracy, latency or tokens a weight.")
    parts = (
        (accuracy, scaled(mean(done.quality), pool.mean_quality)),
        (latency, 1 - scaled(mean(done.latency), pool.mean_latency)),
        (tokens, 1 - scaled(mean(done.tokens), known_means(pool.tokens))),
    )
    return sum(weight / total * part for weight, part in parts if weight > 0)


def _weight(name: str, default: float, what: str) -> Option:
    return Option(name=name, default=default, low=0, high=1, unit="weight", help=what)


_IES_OPTIONS = (
    Option(name="alpha", default=0.5, low=0, high=1, unit="weight", help="Weight of the quality; the rest is that of the response time."),
    Option(name="wait", default=2.0, low=0.2, high=30, unit="s", help="The wait that a user accepts: there R is one half (ratio) or 0."),
    Option(name="response", default="ratio", kind="choice", choices=("ratio", "linear"), help="How R falls with the latency."),
    Option(name="floor", default=FLOOR, low=1e-6, high=1, help="The least C counts as: a free model would be infinitely efficient."),
    Option(
        name="form", default="ratio of means", kind="choice", choices=("ratio of means", "mean of ratios"),
        help="They rank differently where costs are heavy-tailed.",
    ),
    _weight("weight_money", 1.0, "Weight of the money in C; weights are scaled to sum to 1."),
    _weight("weight_latency", 0.0, "Weight of the latency in C; 0, for R counts it already."),
    *(_weight(f"weight_{name}", 0.0, f"Weight of the {name} in C.") for name in RESOURCES[2:]),
    *(Option(name=name, default=None, kind="array", help=f"(n, M) or (M,) {name} of a call.") for name in RESOURCES[2:]),
)  # fmt: skip

METRICS = (
    Metric(
        id="ies", title="Inference efficiency score", group="Composite", of="run", better="higher", low=0, also=("IES",),
        formula="IES = (α Q + (1 - α) R) / C; R = T_ref / (T_ref + T), C = sum_d w_d resource_d / mean of the priciest model's, at least ε",
        source="arXiv 2506.06579 (IES); R, the scale of C and ε are ours", needs=frozenset({"cost", "latency"}), options=_IES_OPTIONS,
        caution="Cost is a divisor, so IES rewards very cheap models almost without limit: show it beside quality against cost. The "
        "survey's own R, scale of C and α were not recovered: this is our working version, not the survey's number.",
        compute=_ies,
    ),
    Metric(
        id="ait", title="Accuracy, latency, tokens", group="Composite", of="run", better="higher", low=0, high=1, also=("AIT",),
        formula="AIT = (a A + b I + c T) / (a + b + c); A = min-max accuracy, I, T = 1 - min-max latency, tokens",
        source="arXiv 2507.02822 (AIT index); scaling over the single models and equal weights are ours",
        needs=frozenset({"latency", "tokens"}),
        options=(
            _weight("accuracy", 1.0, "a, of the accuracy."), _weight("latency", 1.0, "b, of the latency."),
            _weight("tokens", 1.0, "c, of the tokens."),
        ),
        caution="Kept within 0 and 1: a policy beyond the best or worst single model counts as that model.", compute=_ait,
    ),
)  # fmt: skip
