"""What a world promises, by quadrature: which abilities, separations and residual correlations give the requested figures.

Source of the curve: Birnbaum's two-parameter model (in Lord & Novick, Statistical Theories of Mental Test Scores, 1968).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from data.simulator.estimates import Mass, Scale, scale
from data.simulator.joint import TIGHT, Joint, proper
from data.simulator.normal import Doubles, logistic, nodes, shaped, solve
from data.simulator.world import World

_FAR_OFF = 0.005  # what is asked for and missed by more is said


@dataclass(frozen=True, eq=False, kw_only=True)
class Lean:
    """How easy a query looks to a model: topic[m, k] - slope[m] * hard, of mean 0 and standard deviation 1; 0 where nothing varies.

    topic : (M, K). slope : (M,). at : (M, K, I) at the nodes.
    """

    topic: Doubles
    slope: Doubles
    at: Doubles

    @classmethod
    def of(cls, world: World, level: Doubles, slope: Doubles, weights: Doubles, share: float) -> Lean:
        """Return the ease that the topic makes up to this share; at a half it is the model's own logit of being right."""
        _, w = nodes()
        hard = _hard(world)
        topic = 2 * share * (level - (level @ weights)[:, None])
        steep = 2 * (1 - share) * slope
        ease = topic[:, :, None] - steep[:, None, None] * hard
        centre = (ease @ w) @ weights
        spread = np.sqrt((((ease - centre[:, None, None]) ** 2) @ w) @ weights)
        size = np.where(spread > 1e-9, spread, np.inf)  # below it is rounding
        topic = (topic - centre[:, None]) / size[:, None]
        steep = steep / size
        return cls(topic=topic, slope=steep, at=topic[:, :, None] - steep[:, None, None] * hard)


@dataclass(frozen=True, eq=False, kw_only=True)
class Promise:
    """A world with everything solved.

    weights : (K,) shares of the topics. level : (M, K) logit of being right at mean difficulty. slope : (M,) logits lost per standard
    deviation of difficulty. accuracy : (M,). by_topic : (M, K) accuracies. phi : (M, M) correlations of right and wrong.
    residual : (M, M) correlations of the normal draws. confidence, foresight : one a model; after, before : the ease they lean on.
    length : (M + 1,) mean factors on answers, and last on prompts, to be divided out. notes : what can't be had, in words.
    """

    weights: Doubles
    level: Doubles
    slope: Doubles
    accuracy: Doubles
    by_topic: Doubles
    phi: Doubles
    residual: Doubles
    confidence: tuple[Scale, ...]
    foresight: tuple[Scale, ...]
    after: Lean
    before: Lean
    length: Doubles
    notes: tuple[str, ...]


def promise(world: World) -> Promise:
    """Return the world with its abilities, separations and residual correlations solved for what it asks."""
    weights, level, slope, right = _solved(world)
    _, w = nodes()
    by_topic = right @ w
    accuracy = by_topic @ weights
    joint = Joint(right, weights, accuracy)
    residual, notes = _residual(world, joint)
    after, before = (Lean.of(world, level, slope, weights, topic) for topic in (world.post_hoc_topic, world.ex_ante_topic))
    confidence, foresight = [], []
    for m, model in enumerate(world.models):
        seen, ahead = (Mass.of(lean.at[m].ravel(), (weights[:, None] * w).ravel(), right[m].ravel()) for lean in (after, before))
        auroc, foretold = _or(model.confidence_auroc, world.post_hoc), _or(model.ex_ante_auroc, world.ex_ante)
        said = {"temperature": model.temperature, "overconfidence": model.overconfidence}
        confidence.append(scale(seen, auroc, follows=world.post_hoc_difficulty, **said))
        foresight.append(scale(ahead, foretold, follows=world.ex_ante_difficulty))
        if abs(confidence[-1].gap - model.overconfidence) > _FAR_OFF:
            notes.append(f"{model.name}: overconfidence {model.overconfidence:+.2f} can't be had; it is {confidence[-1].gap:+.2f}")
    return Promise(
        weights=weights, level=level, slope=slope, accuracy=accuracy, by_topic=by_topic, phi=joint.phi(residual), residual=residual,
        confidence=tuple(confidence), foresight=tuple(foresight), after=after, before=before, length=_lengths(world, weights, right),
        notes=tuple(notes),
    )  # fmt: skip


def _lengths(world: World, weights: Doubles, right: Doubles) -> Doubles:
    """Return (M + 1,) means of the factors on each model's answers, and last on prompts."""
    z, w = nodes()
    topics = weights * np.array([topic.length for topic in world.topics])
    found = []
    for m, model in enumerate(world.models):
        factor = np.exp(model.longer_when_hard * z)
        wrong = np.exp(model.longer_when_wrong)
        found.append(float(((right[m] + wrong * (1 - right[m])) @ (factor * w)) @ topics))
    return np.array([*found, float(topics.sum())])


def _solved(world: World) -> tuple[Doubles, Doubles, Doubles, Doubles]:
    """Return (K,) shares of topics, (M, K) levels, (M,) slopes and (M, K, I) probabilities of being right."""
    weights = np.array([topic.weight for topic in world.topics])
    weights = weights / weights.sum()
    level = _levels(world, weights)
    slope = np.array([m.discrimination * world.difficulty_spread for m in world.models])
    return weights, level, slope, _right(level, slope, _hard(world))


def levels_for(accuracy: Doubles, slope: Doubles, spread: Doubles, shape: str = "one hump") -> Doubles:
    """Return (M, K) logits at mean difficulty that give (M, K) accuracies.

    slope : (M,) logits lost per standard deviation of difficulty. spread : (K,) spreads of difficulty, relative to the world's.
    """
    z, w = nodes()
    hard = np.outer(spread, shaped(z, shape))
    return solve(lambda level: np.asarray(_right(level, slope, hard) @ w), accuracy, -60.0, 60.0)


def joint_of(world: World) -> Joint:
    """Return how errors of the world's models go together at any residual correlation."""
    weights, _, _, right = _solved(world)
    return Joint(right, weights, (right @ nodes()[1]) @ weights)


def _or(own: float | None, common: float) -> float:
    return common if own is None else own


def _levels(world: World, weights: Doubles) -> Doubles:
    """Return (M, K) logits at mean difficulty, abilities moved where an accuracy is asked for."""
    slant = np.array([m.discrimination for m in world.models])[:, None]
    relative = np.array([m.strengths or (0.0,) * len(world.topics) for m in world.models]) - np.array([t.difficulty for t in world.topics])
    ability = np.array([m.ability for m in world.models])
    wanted = np.array([np.nan if m.accuracy is None else m.accuracy for m in world.models])
    asked = np.flatnonzero(~np.isnan(wanted))
    if len(asked):
        _, w = nodes()
        hard = _hard(world)
        slope = slant[:, 0] * world.difficulty_spread

        def reached(at: Doubles) -> Doubles:
            levels = slant[asked] * (at[:, None] + relative[asked])
            found: Doubles = _right(levels, slope[asked], hard) @ w @ weights
            return found

        ability[asked] = solve(reached, wanted[asked], -400.0, 400.0)
    found: Doubles = slant * (ability[:, None] + relative)
    return found


def _hard(world: World) -> Doubles:
    """Return (K, I) difficulty at the nodes, in the world's standard deviations, less each topic's mean."""
    found: Doubles = np.outer([topic.spread for topic in world.topics], shaped(nodes()[0], world.difficulty_shape))
    return found


def _right(level: Doubles, slope: Doubles, hard: Doubles) -> Doubles:
    """Return (M, K, I) probabilities of being right at the nodes."""
    found: Doubles = logistic(level[:, :, None] - slope[:, None, None] * hard)
    return found


def _residual(world: World, joint: Joint) -> tuple[Doubles, list[str]]:
    count = len(world.models)
    if world.residuals:
        return proper(np.array(world.residuals)), []
    if world.correlation is None or count < 2:
        return np.eye(count), []
    low, high = joint.range()
    wanted = min(max(world.correlation, low), high)
    found = solve(lambda r: np.array([joint.mean(float(r[0]))]), np.array([wanted]), -TIGHT / (count - 1), TIGHT, steps=40)[0]
    said = f"error correlation {world.correlation:.2f} can't be had; it is {wanted:.2f}, possible are {low:.2f} to {high:.2f}"
    return np.where(np.eye(count, dtype=bool), 1.0, found), [said] if abs(wanted - world.correlation) > _FAR_OFF else []
