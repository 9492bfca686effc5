"""Headlines whose data nobody may pass on, or is too large to keep: recomputed from a copy that a person brings."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import numpy as np

from data.outcomes import OutcomeTable
from strategies.metrics.plane import aiq, common_range, zero_router
from strategies.published.base import Copy, Headline, Source

_SMALL, _LARGE = "mistralai/mistral-7b-chat", "gpt-4-1106-preview"
ROUTERBENCH = Source(
    id="routerbench", title="RouterBench, zero-shot", cite="RouterBench, arXiv 2403.12031, table of AIQ; withmartian/routerbench",
    url="https://huggingface.co/datasets/withmartian/routerbench", licence="the code is MIT; the answers are of their models' makers",
    models=frozenset({_SMALL, _LARGE}), queries=(36_497,),
)  # fmt: skip
_SEVEN = "arXiv 2405.00467; kvadityasrivatsa/llm-routing"
LLM_ROUTING = {
    name: Source(
        id=f"llm-routing-{name}", title=f"Harnessing many models, {title}", cite=_SEVEN, licence="MIT",
        url="https://github.com/kvadityasrivatsa/llm-routing", queries=(size,), named="llm-routing",
    )
    for name, title, size in (("gsm8k", "GSM8K", 1_319), ("mmlu", "MMLU", 14_042))
}  # fmt: skip
ROUTERDC = Source(
    id="routerdc", title="RouterDC, seven models on five sets", cite="arXiv 2409.19886; shuhao02/RouterDC; counted from its files",
    url="https://github.com/shuhao02/RouterDC", licence="none given: figures only", named="routerdc",
)  # fmt: skip
AVENGERS = Source(
    id="llmrouterbench", title="LLMRouterBench and Avengers-Pro", cite="arXiv 2601.07206; ZhangYiqun018/AvengersPro, readme",
    url="https://github.com/ynulihao/LLMRouterBench", licence="none given: figures only",
)  # fmt: skip
FRUGAL = Source(
    id="frugalgpt", title="FrugalGPT, HEADLINES, rerun of 2024", cite="FrugalGPT, arXiv 2305.05176; stanford-futuredata/FrugalGPT",
    url="https://github.com/stanford-futuredata/FrugalGPT", licence="Apache-2.0",
)  # fmt: skip
_SPLIT = "the published figure rests on another split or number of shots: from the zero-shot file ARC comes out near .921, not .877"
_TRAINED = "a trained router on a split that is not stated: only the order of the three can be compared"


def _zero(prefix: str, copy: Copy) -> float:
    """Return the zero router's AIQ over the tasks of one benchmark."""
    table = copy.table
    names = [i for i, name in enumerate(table.queries.task_names) if name.casefold().startswith(prefix)]
    if table.queries.tasks is None or not names:
        return float("nan")
    part = table.take(np.isin(table.queries.tasks, names))
    cost, quality = (list(part.mean(field).values()) for field in ("cost_usd", "quality"))
    return aiq(*zero_router(cost, quality), **common_range(cost, quality)._asdict())


def _by_task(table: OutcomeTable) -> Iterator[OutcomeTable]:
    if table.queries.tasks is None:
        yield table
        return
    for task in np.unique(table.queries.tasks):
        yield table.take(table.queries.tasks == task)


def _over_sets(how: str, copy: Copy) -> float:
    """Return the mean over sets, in per cent: of the best answer ("oracle"), of the best model of each ("per-set"), of one ("single")."""
    quality = [part.numbers["quality"].astype(np.float64) for part in _by_task(copy.table)]
    if how == "oracle":
        return 100 * float(np.mean([np.nanmax(each, axis=1).mean() for each in quality]))
    means = np.array([np.nanmean(each, axis=0) for each in quality])
    return 100 * float(means.max(axis=1).mean() if how == "per-set" else means.mean(axis=0).max())


def _oracle(copy: Copy) -> float:
    return 100 * float(np.nanmax(copy.table.numbers["quality"], axis=1).mean(dtype=np.float64))


def _single(copy: Copy) -> float:
    return 100 * max(copy.table.mean("quality").values())


def _random(copy: Copy) -> float:
    return 100 * float(np.nanmean(copy.table.numbers["quality"], dtype=np.float64))


def _bring(source: Source, name: str, what: str, published: float, tolerance: float, **more: object) -> Headline:
    values = {"unit": "%", "why": ""} | more
    return Headline(id=f"{source.id}.{name}", source=source, what=what, published=published, tolerance=tolerance, **values)  # type: ignore[arg-type]


HEADLINES = (
    *(
        _bring(ROUTERBENCH, f"zero-{name}", f"AIQ of the zero router, {title}", value, 5e-4, unit="", ours=partial(_zero, name), why=_SPLIT)
        for name, title, value in (("mmlu", "MMLU", 0.763), ("arc", "ARC challenge", 0.877))
    ),
    *(
        _bring(ROUTERBENCH, f"{router}-mmlu", f"AIQ of the {router} router, MMLU", value, 0.0005, unit="", why=_TRAINED)
        for router, value in (("kNN", 0.773), ("MLP", 0.769))
    ),
    *(
        _bring(LLM_ROUTING[data], name, what, value, 0.005, ours=ours)
        for data, values in (("gsm8k", (87.19, 71.11, 55.38)), ("mmlu", (89.15, 63.86, 52.56)))
        for (name, what, ours), value in zip(
            (
                ("oracle", "accuracy of the oracle of seven models", _oracle),
                ("single", "accuracy of the best single model", _single),
                ("random", "accuracy of a model at random", _random),
            ),
            values, strict=True,
        )
    ),
    *(
        _bring(ROUTERDC, name, what, value, 0.005, ours=partial(_over_sets, name), tag="counted")
        for name, what, value in (
            ("single", "best single model, mean over five sets", 54.56), ("oracle", "oracle, mean over five sets", 77.52),
            ("per-set", "best model of each set, mean over five sets", 58.67),
        )
    ),
    _bring(AVENGERS, "single", "accuracy of the best single model, at 47.96 USD", 62.25, 0.005, why="needs the release of LLMRouterBench"),
    _bring(FRUGAL, "low", "accuracy at 1.9e-4 USD a query", 86.98, 0.005, why="needs the recorded answers of its rerun and its scorer"),
)  # fmt: skip
