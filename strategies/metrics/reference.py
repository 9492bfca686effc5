"""What the pool alone can do: its oracle, its best single model, chance, the best model of each task, how models complete each other."""

from __future__ import annotations

import numpy as np

from strategies.metrics.base import BEST, Metric, Option
from strategies.metrics.facts import NAN, Pool, known_means, mean
from strategies.protocol import Doubles, Floats


def noisy_oracle(pool: Pool, p: float) -> Doubles:
    """Return (n,) expected quality of RouterEval's reference router: with probability p the oracle, else a random model.

    In closed form, p max_m q + (1 - p) mean_m q over the models that ran; NaN where none did.
    Source: RouterEval, arXiv 2503.10657 (R_o(p)).
    """
    known = ~np.isnan(pool.quality)
    count = known.sum(axis=1)
    total = np.where(known, pool.quality, 0.0).sum(axis=1, dtype=np.float64)
    random = np.divide(total, count, out=np.full(len(pool), np.nan), where=count > 0)
    return np.asarray(p * pool.best_seen + (1 - p) * random)


def best_per_task(pool: Pool) -> float:
    """Return the mean quality if each task goes to the model that is best on these very queries of it: the dataset oracle.

    NaN without tasks. A reference, for the tested queries themselves choose. Source: RouterBench, arXiv 2403.12031; the "Max Expert" of
    LLMRouterBench, arXiv 2601.07206.
    """
    if pool.tasks is None or len(pool) == 0:
        return NAN
    total = 0.0
    for task in np.unique(pool.tasks):
        mine = pool.quality[pool.tasks == task]
        means = known_means(mine)
        total += len(mine) * (NAN if np.isnan(means).all() else float(np.nanmax(means)))
    return total / len(pool)


def complementarity(quality: Floats) -> Doubles:
    """Return (M, M) shares of queries on which the row's model is better than the column's, of those that both ran; 0 on the diagonal.

    quality : (n, M), NaN = not run. For 0/1 quality that is "right where the other is wrong". NaN where no query was run by both.
    Source: the heat map Pr[q_row > q_col]; recall on such queries is what RouterBench's oracle lives on (arXiv 2403.12031).
    """
    count = quality.shape[1]
    out = np.full((count, count), np.nan)
    for row in range(count):
        both = ~np.isnan(quality) & ~np.isnan(quality[:, row : row + 1])
        better = (quality[:, row : row + 1] > quality) & both
        ran = both.sum(axis=0)
        out[row] = np.divide(better.sum(axis=0), ran, out=np.full(count, np.nan), where=ran > 0)
    return out


def _most_complementary(pool: Pool, *, best: str) -> float:
    at = pool.position(best) if best else pool.best
    others = np.delete(complementarity(pool.quality)[:, at], at)
    return NAN if len(others) == 0 or np.isnan(others).all() else float(np.nanmax(others))


def _best_single(pool: Pool, *, best: str) -> float:
    return float(pool.mean_quality[pool.position(best) if best else pool.best])


_SEEN = "An oracle: nobody can do it. Over holes it is the oracle of what was seen."

METRICS = (
    Metric(
        id="oracle_quality", title="Quality of the oracle", group="Pool", of="pool", better="neither", mean=True, low=0, high=1,
        unit="quality", formula="mean_i max_m q[i, m]", source="RouterBench, arXiv 2403.12031 (oracle)", caution=_SEEN,
        compute=lambda pool: pool.best_seen,
    ),
    Metric(
        id="oracle_cost_per_1k", title="Cost of the oracle", group="Pool", of="pool", better="neither", mean=True, low=0, prices="scales",
        unit="USD per 1,000 queries", formula="1000 mean_i min c[i, m] over the best m", source="RouterBench, arXiv 2403.12031 (oracle)",
        needs=frozenset({"cost"}), caution=f"{_SEEN} Ties go to the cheapest, else the cost means nothing.",
        compute=lambda pool: 1000 * pool.best_cost,
    ),
    Metric(
        id="best_single_quality", title="Best single model", group="Pool", of="pool", better="neither", low=0, high=1, unit="quality",
        formula="max_m mean_i q[i, m]", source="RouterEval, arXiv 2503.10657 (BSM)", options=(BEST,),
        caution="The best on these queries is chosen by them; name the model that the fit part chose.", compute=_best_single,
    ),
    Metric(
        id="noisy_oracle", title="Noisy oracle", group="Pool", of="pool", better="neither", mean=True, low=0, high=1, unit="quality",
        formula="R_o(p) = p mean_i max_m q[i, m] + (1 - p) mean_i mean_m q[i, m]", source="RouterEval, arXiv 2503.10657 (R_o)",
        options=(Option(name="p", default=0.5, low=0, high=1, unit="probability", help="How often it is the oracle; else random."),),
        caution="A reference: p = 1 is the oracle, p = 0 a random model.", compute=noisy_oracle,
    ),
    Metric(
        id="best_per_task", title="Best model of each task", group="Pool", of="pool", better="neither", low=0, high=1, unit="quality",
        formula="sum_t n_t / n max_m mean of q[i, m] over the queries of task t",
        source="RouterBench, arXiv 2403.12031 (dataset oracle); LLMRouterBench, arXiv 2601.07206 (Max Expert)",
        needs=frozenset({"tasks"}), also=("dataset oracle", "Max Expert"),
        caution="The tested queries choose: a reference. The strategy best-per-task lets the fit part choose.", compute=best_per_task,
    ),
    Metric(
        id="difficulty", title="Empirical difficulty", group="Pool", of="pool", better="neither", mean=True, low=0, high=1, unit="share",
        formula="mean_i (1 - mean_m q[i, m])", source="RouterArena, arXiv 2510.00202 (difficulty by how many models are right)",
        compute=lambda pool: 1 - noisy_oracle(pool, 0.0),
    ),
    Metric(
        id="complementarity", title="Complementarity", group="Pool", of="pool", better="neither", low=0, high=1, unit="share of queries",
        formula="max_m Pr[q[i, m] > q[i, best]], the largest entry in the best model's column of Pr[q_row > q_col]",
        source="RouterBench, arXiv 2403.12031 (what an oracle wins)", options=(BEST,),
        caution="How much the pool's best helper could add to the best model, if one knew when.", compute=_most_complementary,
    ),
)  # fmt: skip


def chance(pool: Pool) -> float:
    """Return the mean quality of a model drawn at random for each query, of those that ran on it."""
    return mean(noisy_oracle(pool, 0.0))
