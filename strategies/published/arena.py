"""RouterArena's board: its score from the accuracy and the cost that it prints beside it (arXiv 2510.00202)."""

from __future__ import annotations

from functools import partial

from strategies.metrics.arena import arena_score
from strategies.published.base import Copy, Headline, Source

BOARD = Source(
    id="routerarena", title="RouterArena, board", cite="RouterArena, arXiv 2510.00202; RouteWorks/RouterArena @ 4714a9a, README",
    url="https://github.com/RouteWorks/RouterArena", licence="Apache-2.0",
)  # fmt: skip
# router -> accuracy %, USD per 1,000 queries, printed arena score
ROWS = {
    "MIRT-BERT": (66.88, 0.15, 66.89), "Azure": (68.09, 0.54, 66.66), "NIRT-BERT": (66.34, 0.21, 66.12), "GPT-5": (73.96, 10.02, 64.32),
    "vLLM-SR": (67.28, 1.67, 64.32), "CARROT": (67.21, 2.06, 63.87), "Chayan": (64.89, 0.56, 63.83), "NotDiamond": (60.83, 4.10, 63.00),
    "RouterBench-MLP": (61.62, 4.83, 57.56), "GraphRouter": (57.00, 0.34, 57.22), "RouterBench-kNN": (58.69, 4.27, 55.48),
    "RouteLLM": (47.04, 0.27, 48.07), "RouterDC": (32.01, 0.07, 33.75),
}  # fmt: skip
_ODD = {"NotDiamond": "the board disagrees with its own formula: this score does not follow from the accuracy and cost beside it"}


def _score(accuracy: float, usd_per_1k: float, _: Copy) -> float:
    return 100 * float(arena_score(accuracy / 100, usd_per_1k, clamp=False))


HEADLINES = tuple(
    Headline(
        id=f"routerarena.{name}", source=BOARD, what=f"arena score of {name} ({accuracy:.2f} % at ${usd:.2f} per 1,000)",
        published=score, unit="of 100", tolerance=0.01, ours=partial(_score, accuracy, usd), free=True, why=_ODD.get(name, ""),
    )
    for name, (accuracy, usd, score) in ROWS.items()
)  # fmt: skip
