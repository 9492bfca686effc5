"""Whom a policy chooses, and on which queries choosing matters: entropy, easy, helpable and hopeless queries, hurt."""

from __future__ import annotations

import numpy as np

from strategies.metrics.base import RIGHT, STRONG, WEAK, Metric, Option
from strategies.metrics.facts import NAN, Done, Pool, mean
from strategies.protocol import Doubles, Floats, Ints


def choice_entropy(answer: Ints, models: int) -> float:
    """Return the entropy, bits, of whose answers are returned: 0 = one model, log2(M) = all alike; NaN where nobody's is.

    answer : (n,) positions, -1 = nobody's, left out. Source: RouterEval, arXiv 2503.10657 (E_p).
    """
    count = np.bincount(answer[answer >= 0], minlength=models).astype(np.float64)
    if not count.sum() > 0:
        return NAN
    share = count[count > 0] / count.sum()
    return float(-(share * np.log2(share)).sum()) + 0.0  # + 0.0: no -0


def kinds(pool: Pool, right: float, weak: str = "", helper: str = "") -> tuple[Doubles, Doubles, Doubles]:
    """Return (n,) 1 or 0 each: easy (the weak model is right), helpable (only another one is), hopeless (none is).

    helper : the one model that may help; "" = any of the pool. They sum to 1; NaN where the weak model did not run, or the named helper did
    not and is needed. Source: Duo-LLM, arXiv 2410.10846 (gain over the cheap path); RouteLLM, arXiv 2406.18665, for a pair.
    """
    w = pool.pair(weak)[0]
    low = pool.quality[:, w].astype(np.float64)
    high = pool.quality[:, pool.position(helper)].astype(np.float64) if helper else pool.best_seen
    easy, reached = low >= right, high >= right
    unknown = np.isnan(low) | (~easy & np.isnan(high))
    easy_f, help_f, hopeless = (np.where(unknown, NAN, each) for each in (easy, ~easy & reached, ~easy & ~reached))
    return easy_f, help_f, hopeless


def _hurt(weak: Floats | Doubles, strong: Floats | Doubles, right: float) -> Doubles:
    hurt = (weak >= right) & (strong < right)
    return np.where(np.isnan(weak) | np.isnan(strong), NAN, hurt)


def _hurt_pair(pool: Pool, *, weak: str, strong: str, right: float) -> Doubles:
    w, s = pool.pair(weak, strong)
    return _hurt(pool.quality[:, w], pool.quality[:, s], right)


def _recall(done: Done, *, weak: str, helper: str, right: float) -> float:
    helpable = kinds(done.pool, right, weak, helper)[1]
    mine = helpable > 0
    if np.isnan(helpable).any() or not mine.any():
        return NAN
    got = done.quality[mine]
    return mean(np.where(np.isnan(got), NAN, got >= right))


_HELPER = Option(name="helper", default="", kind="model", help='The model that may help; "" = any of the pool.')
_SPLIT = (WEAK, _HELPER, RIGHT)
_DUO = "Duo-LLM, arXiv 2410.10846 (gain over the cheap path)"

METRICS = (
    Metric(
        id="choice_entropy", title="Entropy of choices", group="Choice", of="run", better="neither", low=0, unit="bits",
        formula="E_p = - sum_m p_m log2 p_m, p_m = share of returned answers that are m's", source="RouterEval, arXiv 2503.10657 (E_p)",
        also=("E_p",), caution="Low: collapsed onto few models. High is no merit in itself.",
        compute=lambda done: choice_entropy(done.answer, len(done.pool.models)),
    ),
    Metric(
        id="easy", title="Easy queries", group="Choice", of="pool", better="neither", mean=True, low=0, high=1, unit="share of queries",
        formula="mean_i 1[q[i, weak] >= right]", source=_DUO, options=_SPLIT,
        compute=lambda pool, weak, helper, right: kinds(pool, right, weak, helper)[0],
    ),
    Metric(
        id="helpable", title="Helpable queries", group="Choice", of="pool", better="neither", mean=True, low=0, high=1,
        unit="share of queries", formula="mean_i 1[q[i, weak] < right <= max_m q[i, m]]", source=f"{_DUO}; RouteLLM, arXiv 2406.18665",
        options=_SPLIT, caution="All that a router can win.", compute=lambda pool, weak, helper, right: kinds(pool, right, weak, helper)[1],
    ),
    Metric(
        id="hopeless", title="Hopeless queries", group="Choice", of="pool", better="neither", mean=True, low=0, high=1,
        unit="share of queries", formula="mean_i 1[max_m q[i, m] < right]", source=_DUO, options=_SPLIT,
        caution="Money spent on these is lost.", compute=lambda pool, weak, helper, right: kinds(pool, right, weak, helper)[2],
    ),
    Metric(
        id="hurt", title="Hurt by the strong model", group="Choice", of="pool", better="neither", mean=True, low=0, high=1,
        unit="share of queries", formula="mean_i 1[q[i, strong] < right <= q[i, weak]]", source="RouteLLM, arXiv 2406.18665",
        options=(WEAK, STRONG, RIGHT), caution="Why a router can beat its strong model.", compute=_hurt_pair,
    ),
    Metric(
        id="recall_helpable", title="Helpable queries helped", group="Choice", of="run", better="higher", low=0, high=1,
        unit="share of helpable queries", formula="share right among those with q[i, weak] < right <= max_m q[i, m]", source=_DUO,
        options=_SPLIT, caution="The number that matters where most queries are easy.", compute=_recall,
    ),
    Metric(
        id="hurt_by_routing", title="Hurt by routing", group="Choice", of="run", better="lower", mean=True, low=0, high=1,
        unit="share of queries", formula="mean_i 1[q[i, π(i)] < right <= q[i, weak]]", source=_DUO, options=(WEAK, RIGHT),
        caution="The cheap model had it right and another answer was returned.",
        compute=lambda done, weak, right: _hurt(done.pool.quality[:, done.pool.pair(weak)[0]], done.quality, right),
    ),
)  # fmt: skip
