"""RouteLLM's recordings: counts, accuracies, the perfect router's curve, its APGR and CPT (arXiv 2406.18665)."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from strategies.metrics.gap import apgr, apgr_routellm_11, cpt, optimal_curve
from strategies.published.base import Compute, Copy, Headline, Source

WEAK, STRONG = "mistralai/Mixtral-8x7B-Instruct-v0.1", "gpt-4-1106-preview"
_PAIR = frozenset({WEAK, STRONG})
_CITE = "RouteLLM, arXiv 2406.18665; lm-sys/RouteLLM @ 0b64fda"
_URL = "https://github.com/lm-sys/RouteLLM"
MMLU = Source(
    id="routellm-mmlu", title="RouteLLM, MMLU", cite=f"{_CITE}, routellm/evals/mmlu", url=_URL, licence="Apache-2.0",
    folder="routellm_mmlu", models=_PAIR, queries=(14_042, 14_037),
)  # fmt: skip
GSM8K = Source(
    id="routellm-gsm8k", title="RouteLLM, GSM8K", cite=f"{_CITE}, routellm/evals/gsm8k", url=_URL, licence="Apache-2.0",
    folder="routellm_gsm8k", models=_PAIR, queries=(1_319, 1_307),
)  # fmt: skip
MT_BENCH = Source(
    id="routellm-mt-bench", title="RouteLLM, MT-Bench", cite=f"{_CITE}, routellm/evals/mt_bench, contaminated questions left out",
    url=_URL, licence="Apache-2.0", models=_PAIR, queries=(72,),
)  # fmt: skip
LEVELS = (0.2, 0.5, 0.8, 1.0)


def _both(copy: Copy) -> tuple[Any, Any]:
    return copy.clean.quality(WEAK).astype(np.float64), copy.clean.quality(STRONG).astype(np.float64)


def _share(test: Callable[[Any, Any], Any]) -> Compute:
    return lambda copy: 100 * float(np.mean(test(*_both(copy))))


def _ideal(measure: Callable[..., float], scale: float, copy: Copy) -> float:
    """Return a measure of the perfect router's curve, given the two models' own accuracies."""
    weak, strong = _both(copy)
    return scale * measure(*optimal_curve(weak, strong), float(weak.mean()), float(strong.mean()))


def _pair(source: Source, given: dict[str, float]) -> list[Headline]:
    """Return the headlines of one benchmark. given : in the order of the forms below."""
    forms: list[tuple[str, str, Compute, float]] = [
        ("queries after contaminated ones are left out", "queries", lambda copy: len(copy.clean), 0.0),
        (f"accuracy of {STRONG}", "%", lambda copy: 100 * copy.quality(STRONG), 5e-5),
        (f"accuracy of {WEAK.rpartition('/')[2]}", "%", lambda copy: 100 * copy.quality(WEAK), 5e-5),
        ("helpable: weak wrong and strong right", "%", _share(lambda weak, strong: (weak == 0) & (strong == 1)), 5e-5),
        ("accuracy of the oracle", "%", _share(np.maximum), 1e-4),
        ("APGR of the perfect router, 11 points", "", partial(_ideal, apgr_routellm_11, 1.0), 1e-6),
        ("APGR of the perfect router, exact area", "", partial(_ideal, apgr, 1.0), 1e-6),
        *(
            (f"CPT({level:.0%}) of the perfect router", "% strong calls", partial(_ideal, partial(cpt, level=level), 100.0), 1e-4)
            for level in LEVELS
        ),
    ]
    return [
        Headline(
            id=f"{source.id}.{name}", source=source, what=what, published=value, unit=unit, tolerance=tolerance, tag="counted", ours=ours,
        )
        for (name, value), (what, unit, ours, tolerance) in zip(given.items(), forms, strict=True)
    ]  # fmt: skip


def _graded(name: str, what: str, published: float, ours: Compute, tolerance: float = 1e-6) -> Headline:
    return Headline(
        id=f"routellm-mt-bench.{name}", source=MT_BENCH, what=what, published=published, unit="of 10", tolerance=tolerance, tag="counted",
        ours=ours,
    )  # fmt: skip


HEADLINES = (
    *_pair(
        MMLU,
        {
            "queries": 14_037, "strong": 80.5870, "weak": 68.0915, "helpable": 17.7816, "oracle": 85.8730, "apgr-11": 1.289607,
            "apgr": 1.296514, "cpt-20": 2.4991, "cpt-50": 6.2478, "cpt-80": 9.9964, "cpt-100": 12.4955,
        },
    ),
    *_pair(
        GSM8K,
        {
            "queries": 1_307, "strong": 85.7689, "weak": 63.7337, "helpable": 29.2272, "oracle": 92.9610, "apgr-11": 1.130938,
            "apgr": 1.132555, "cpt-20": 4.4070, "cpt-50": 11.0176, "cpt-80": 17.6282, "cpt-100": 22.0352,
        },
    ),
    _graded("strong", f"mean grade of {STRONG}", 9.211806, lambda copy: 10 * copy.quality(STRONG)),
    _graded("weak", "mean grade of Mixtral-8x7B-Instruct-v0.1", 8.281250, lambda copy: 10 * copy.quality(WEAK)),
    _graded("oracle", "mean grade of the better of both answers", 9.315972, lambda copy: 10 * float(np.mean(np.maximum(*_both(copy))))),
)  # fmt: skip
