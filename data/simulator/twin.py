"""A simulated twin of a recorded table: a world whose topics, models, errors, confidence and costs are like the table's.

Means, correlations, AUROC and prices are matched exactly (moments); what only shows through the simulation (how far confidence and
length follow difficulty) is fitted by simulating and comparing the same figures (indirect inference: Gourieroux, Monfort and Renault,
Journal of Applied Econometrics 8, 1993).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from data.outcomes import OutcomeTable
from data.problems import listed, refuse
from data.simulator import moments
from data.simulator.bills import bills
from data.simulator.joint import Joint
from data.simulator.knowledge import confidence_of, foresight_of
from data.simulator.mend import mended
from data.simulator.normal import CUBIC, Doubles, logistic, nodes
from data.simulator.promise import joint_of, levels_for
from data.simulator.simulate import FORESIGHT, simulate
from data.simulator.world import QUERIES_MOST, SimModel, Topic, World, marked

LEAST = 20
MODELS_MOST = 60
_SPREAD = 1.5
_LOADING = (0.15, 0.9)  # of a model on common difficulty
_STEEP = (0.3, 5.0)
_WIDE = (0.1, 5.0)
_GRADED = 0.01  # share of grades between right and wrong that is worth a word
_IMAGINED = 50.0
_TOLD = ("how well confidence tells right from wrong", "how well being right is foreseen")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One figure of one model (or of all, model ""), as recorded and as the twin promises it; NaN = not known."""

    name: str
    model: str
    recorded: float
    twin: float


@dataclass(frozen=True, eq=False, kw_only=True)
class Twin:
    """A table's twin.

    world : simulate it, or turn its dials first. confidence, foresight : (n, M) what was taken as known of the table after and before a
    call, NaN = nothing. facts : recorded figures beside the twin's. notes : what isn't known and therefore assumed, in words.
    """

    world: World
    confidence: Doubles
    foresight: Doubles
    facts: tuple[Fact, ...]
    notes: tuple[str, ...]


def twin(table: OutcomeTable, *, confidence: NDArray[Any] | None = None, foresight: NDArray[Any] | None = None, seed: int = 0) -> Twin:
    """Return the twin of a table of n >= 20 queries with known quality and at most 60 models.

    confidence : (n, M) in [0, 1], NaN = unknown; by default each model's best recorded signal. foresight : (n, M) in [0, 1], what was
    forecast before any call; by default the table's own predictions or a cross-fitted forecast from embedding and task.
    Graded quality is simulated as right or wrong with the same mean. Raises ProblemError for too few queries or no scores.
    """
    _check(table)
    quality = table.numbers["quality"].astype(np.float64)
    after = confidence_of(table) if confidence is None else np.asarray(confidence, np.float64)
    before = foresight_of(table) if foresight is None else np.asarray(foresight, np.float64)
    graded = float(np.mean((quality > 0) & (quality < 1)))
    notes = [f"{graded:.0%} of the scores are graded: the twin is right or wrong with the same mean"] if graded > _GRADED else []
    world = _abilities(table, quality, seed)
    world = bills(world, table, notes)
    world = _knowledge(world, quality, after, before, notes)
    world = mended(world, table, quality, after, before)
    world = _correlated(world, quality)
    return Twin(world=world, confidence=after, foresight=before, facts=_facts(world, table, after, before), notes=tuple(notes))


def _check(table: OutcomeTable) -> None:
    ran = (~np.isnan(table.numbers["quality"])).sum(axis=0)
    if len(table) < LEAST or not table.has("quality") or int(ran.min()) < LEAST:
        raise refuse(f"a twin needs {LEAST} scored queries of every model.", "Add queries, or leave out models with fewer.")
    if len(table.models) > MODELS_MOST:
        raise refuse(f"a twin of {len(table.models)} models is too much; {MODELS_MOST} are the most.", "Select some of them.")


def _abilities(table: OutcomeTable, quality: Doubles, seed: int) -> World:
    """Return a world with the table's topics and accuracies, difficulty as common as its errors say."""
    topics, share, accuracy = _topics(table, quality)
    mean = np.clip(np.nanmean(quality, axis=0), 0.001, 0.999)
    slope = _slopes(accuracy, share, mean, moments.correlations(quality))
    spread = _spreads(table, quality, accuracy)
    level = levels_for(accuracy, slope, spread)
    slant = slope / _SPREAD
    ability = (level @ share) / slant
    models = tuple(
        SimModel(
            name=name, title=table.cards[m].title, accuracy=float(mean[m]), ability=float(np.clip(ability[m], -40, 40)),
            strengths=tuple(np.clip(level[m] / slant[m] - ability[m], -40, 40).tolist()) if len(topics) > 1 else (),
            discrimination=float(slant[m]), source=f"fitted to {table.origin.name}",
        )
        for m, name in enumerate(table.models)
    )  # fmt: skip
    return World(
        name=marked(f"Twin of {table.origin.name}"), n=min(len(table), QUERIES_MOST), seed=seed, models=models, difficulty_spread=_SPREAD,
        topics=tuple(
            Topic(name=name, weight=float(weight), spread=float(wide)) for name, weight, wide in zip(topics, share, spread, strict=True)
        ),
        sources=(f"fitted to the {len(table):,} queries of {table.origin.name}",),
    )  # fmt: skip


def _topics(table: OutcomeTable, quality: Doubles) -> tuple[tuple[str, ...], Doubles, Doubles]:
    """Return names and shares of the topics and (M, K) accuracies there, drawn by one imagined query towards each model's mean."""
    queries = table.queries
    codes = np.zeros(len(table), np.int64) if queries.tasks is None else queries.tasks.astype(np.int64)
    asked, codes = np.unique(codes, return_inverse=True)
    names = ("all",) if queries.tasks is None else tuple(queries.task_names[int(k)] or "unnamed" for k in asked)
    right = np.stack([np.bincount(codes, np.nan_to_num(column), len(asked)) for column in quality.T])
    ran = np.stack([np.bincount(codes, ~np.isnan(column), len(asked)) for column in quality.T])
    mean = np.nanmean(quality, axis=0)[:, None]
    return names, np.bincount(codes) / len(codes), np.clip((right + mean) / (ran + 1), 0.002, 0.998)


def _spreads(table: OutcomeTable, quality: Doubles, accuracy: Doubles) -> Doubles:
    """Return (K,) spreads of difficulty within the topics, relative to all: how much more models agree there than elsewhere."""
    count = accuracy.shape[1]
    if count == 1 or len(accuracy) < 2 or table.queries.tasks is None:
        return np.ones(count)
    pairs, size = ~np.eye(len(accuracy), dtype=bool), len(nodes()[0])
    codes = np.unique(table.queries.tasks, return_inverse=True)[1]
    found, heavy = np.zeros(count), np.bincount(codes, minlength=count).astype(np.float64)
    for k in range(count):
        part = quality[codes == k]
        flat = np.repeat(accuracy[:, k : k + 1, None], size, axis=2)
        # The topic's own means, or its correlation would count how far they lie from the smoothed ones.
        found[k] = Joint(flat, np.ones(1), accuracy[:, k]).residual_for(moments.correlations(part))[pairs].mean()
    common = float(np.clip(found @ heavy / heavy.sum(), 0.02, 0.9))
    # Few queries say little: each topic is drawn to the rest as by so many imagined queries.
    drawn = np.clip((found * heavy + common * _IMAGINED) / (heavy + _IMAGINED), 0.01, 0.9)
    return np.asarray(np.clip(np.sqrt(drawn / (1 - drawn) * (1 - common) / common), *_WIDE))


def _slopes(accuracy: Doubles, share: Doubles, mean: Doubles, phi: Doubles) -> Doubles:
    """Return (M,) logits lost per standard deviation of difficulty: one common factor of the correlations that topics leave."""
    count = len(mean)
    if count == 1:
        return np.full(1, CUBIC[0])
    flat = np.repeat(accuracy[:, :, None], len(nodes()[0]), axis=2)
    left = Joint(flat, share, mean).residual_for(phi)
    pairs = ~np.eye(count, dtype=bool)
    loading = np.full(count, np.sqrt(max(float(left[pairs].mean()), _LOADING[0] ** 2)))
    for _ in range(200 if count > 2 else 0):
        fresh = ((left * pairs) @ loading) / np.maximum((pairs * loading**2).sum(axis=1), 1e-9)
        loading = 0.5 * loading + 0.5 * np.clip(fresh, *_LOADING)
    loading = np.clip(loading, *_LOADING)
    return np.asarray(np.clip(CUBIC[0] * loading / np.sqrt(1 - loading**2), _STEEP[0] * _SPREAD, _STEEP[1] * _SPREAD))


def _knowledge(world: World, quality: Doubles, after: Doubles, before: Doubles, notes: list[str]) -> World:
    """Return the world with each model's AUROCs and calibration."""
    models = []
    for m, model in enumerate(world.models):
        seen, ahead = (moments.auroc(quality[:, m], score[:, m]) for score in (after, before))
        says = after[:, m][~(np.isnan(after[:, m]) | np.isnan(quality[:, m]))]
        right = quality[:, m][~(np.isnan(after[:, m]) | np.isnan(quality[:, m]))]
        gap = float(says.mean() - right.mean()) if len(says) else 0.0
        models.append(
            replace(
                model, confidence_auroc=_level(seen), ex_ante_auroc=_level(ahead), overconfidence=float(np.clip(gap, -0.9, 0.9)),
                temperature=_temperature(right, says),
            )
        )  # fmt: skip
    for what, score in (("confidence was recorded", after), ("features are known", before)):
        if np.isnan(score).all():
            notes.append(f"no {what}: AUROC 0.5 is assumed")
    found = [[m.confidence_auroc for m in models], [m.ex_ante_auroc for m in models]]
    common = [float(np.mean([each for each in levels if each is not None] or [0.5])) for levels in found]
    for what, score, levels, mean in zip(_TOLD, (after, before), found, common, strict=True):
        lacking = [model.title or model.name for model, level in zip(models, levels, strict=True) if level is None]
        if lacking and not np.isnan(score).all():
            notes.append(f"{what} is not known of {listed(lacking)}: AUROC {mean:.2f} is assumed")
    return replace(world, models=tuple(models), post_hoc=common[0], ex_ante=common[1])


def _level(auroc: float) -> float | None:
    """Return an AUROC that a world can have; None, so that the mean of the other models counts, where it isn't known."""
    return None if np.isnan(auroc) else float(np.clip(auroc, 0.5, 0.9999))


def _temperature(right: Doubles, says: Doubles) -> float:
    """Return by what the calibrated logit is divided to get the stated one: the slope of a logistic regression on it (Platt)."""
    if len(says) < LEAST or says.std() < 1e-6 or not 0 < right.mean() < 1:
        return 1.0
    p = np.clip(says, 1e-4, 1 - 1e-4)
    x = np.log(p / (1 - p))
    design = np.stack([np.ones(len(x)), x], axis=1)
    beta = np.array([0.0, 1.0])
    for _ in range(25):  # Newton's steps with a little ridge, so that separable data stay finite
        mu = logistic(design @ beta)
        weight = np.maximum(mu * (1 - mu), 1e-6)
        step = np.linalg.solve((design * weight[:, None]).T @ design + 1e-3 * np.eye(2), design.T @ (right - mu) - 1e-3 * beta)
        beta = beta + np.clip(step, -1, 1)
    return float(np.clip(beta[1], 0.1, 10))


def _correlated(world: World, quality: Doubles) -> World:
    """Return the world with residual correlations that bring every pair's errors to the recorded correlation."""
    if len(world.models) < 2:
        return world
    residual = joint_of(world).residual_for(moments.correlations(quality))
    return replace(world, residuals=tuple(tuple(row) for row in residual.tolist()))


def _facts(world: World, table: OutcomeTable, after: Doubles, before: Doubles) -> tuple[Fact, ...]:
    made = simulate(replace(world, n=max(min(world.n * 10, 200_000), 20_000)))
    quality, copied = table.numbers["quality"].astype(np.float64), made.numbers["quality"].astype(np.float64)
    says = made.signals["confidence"]
    facts = []
    for m, name in enumerate(table.models):
        ahead = made.features[FORESIGHT + name][:, 0]
        pairs = {
            "accuracy": (float(np.nanmean(quality[:, m])), float(copied[:, m].mean())),
            "mean cost": (table.mean("cost_usd")[name], made.mean("cost_usd")[name]),
            "confidence AUROC": (moments.auroc(quality[:, m], after[:, m]), moments.auroc(copied[:, m], says[:, m])),
            "calibration error": (
                moments.calibration_error(quality[:, m], after[:, m]),
                moments.calibration_error(copied[:, m], says[:, m]),
            ),
            "foresight AUROC": (moments.auroc(quality[:, m], before[:, m]), moments.auroc(copied[:, m], ahead)),
        }
        facts += [Fact(name=what, model=name, recorded=real, twin=own) for what, (real, own) in pairs.items()]
    off = ~np.eye(len(table.models), dtype=bool)
    if off.any():
        real, own = (float(moments.correlations(each)[off].mean()) for each in (quality, copied))
        facts.append(Fact(name="error correlation", model="", recorded=real, twin=own))
    return tuple(facts)
