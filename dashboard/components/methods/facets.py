"""What a method is, read from what it declares, and which methods a choice of filters leaves."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import get_args

from dashboard.charts.methods import chain_of
from dashboard.words import methods as words
from strategies.protocol import Family, Strategy

FAMILIES = tuple(words.FAMILIES)
TRAITS = tuple(words.TRAITS)
GROUPS = (frozenset(get_args(Family)), frozenset({"learns", "untrained"}), frozenset({"pair", "many"}))  # any one of a group is enough
LOGPROBS = frozenset({"logprobs", "sum_logprob", "mean_logprob", "min_logprob", "margin"})
PROMPTS = frozenset({"prompts", "embedding", "text"})
_ARXIV = re.compile(r"arXiv[ :](\d{4}\.\d{4,5})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Method:
    """A strategy and how it stands here. lacks : what this data lacks for it, or ""; offered : it can be put in play."""

    kind: type[Strategy]
    lacks: str
    offered: bool
    own: bool = False

    @property
    def id(self) -> str:
        """The id of its card."""
        return self.kind.card.id


def traits(method: Method) -> frozenset[str]:
    """Return every filter that a method passes: its family, whether it learns, what it needs, how many models, whether it can run."""
    kind, needs = method.kind, method.kind.card.needs
    models = models_of(kind)
    marks = {
        "learns": kind.learn is not Strategy.learn,
        "untrained": kind.learn is Strategy.learn,
        "logprobs": bool(needs & LOGPROBS),
        "prompts": needs <= PROMPTS,
        "pair": models == 2,
        "many": models == 0 or models > 2,
        "here": not method.lacks,
    }
    return frozenset({kind.card.family, *(name for name, holds in marks.items() if holds)})


def models_of(kind: type[Strategy]) -> int:
    """Return between how many models a strategy chooses at most; 0 = as many as there are."""
    spec = chain_of(kind)
    return 0 if spec is None else spec.most or 0


def passing(methods: Collection[Method], chosen: Collection[str]) -> list[Method]:
    """Return the methods that a choice of filters leaves: one of each group that something is chosen of, and all others."""
    wanted = frozenset(chosen) & {*FAMILIES, *TRAITS}
    groups = [wanted & group for group in GROUPS if wanted & group]
    single = wanted.difference(*GROUPS)
    return [method for method in methods if single <= (has := traits(method)) and all(has & group for group in groups)]


def papers(source: str) -> tuple[str, ...]:
    """Return the arXiv ids that a source names, in its order."""
    return tuple(_ARXIV.findall(source))
