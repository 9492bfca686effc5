"""How good the ladder is: `python -m data.ladder.measure` asks 3,000 held-out puzzles and writes the cards with what it found.

The puzzles are others than those of the bundled table. Everything is greedy, so a second run finds the same figures.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
from numpy.typing import NDArray

from data.ladder import NAMES
from data.ladder.model import Model, load
from data.ladder.puzzles import CATEGORIES
from data.ladder.puzzles.base import LEVELS, Puzzle, stream

COUNT, SEED = 3_000, 11
SOME = 500
BINS = 15
CARDS = Path(__file__).with_name("cards")
DIRECT = "r4-direct"
GENERALISTS = ("r1", "r2", "r3", "r4")


@dataclass(frozen=True, slots=True)
class Answers:
    """What one arm said to n puzzles: right or wrong, log-probability of all that it generated, tokens."""

    right: NDArray[np.bool_]
    logprob: NDArray[np.float64]
    tokens_in: NDArray[np.int64]
    tokens_out: NDArray[np.int64]


def puzzles(count: int = COUNT, seed: int = SEED) -> list[Puzzle]:
    """Return held-out puzzles, categories and levels drawn uniformly."""
    drawn = stream(CATEGORIES, Random(seed), held_out=True)
    return [next(drawn) for _ in range(count)]


def answered(model: Model, asked: Sequence[Puzzle], *, think: bool | None = None) -> Answers:
    """Return what a model says to the puzzles, greedily; right = the answer's text is the reference."""
    said = model.generate([puzzle.text for puzzle in asked], think=think)
    return Answers(
        right=np.array([each.answer == puzzle.answer for each, puzzle in zip(said, asked, strict=True)]),
        logprob=np.array([each.logprob for each in said]),
        tokens_in=np.array([each.tokens_in for each in said]),
        tokens_out=np.array([each.tokens_out for each in said]),
    )


def auroc(right: NDArray[np.bool_], logprob: NDArray[np.float64]) -> float:
    """Return the area under the ROC curve of a confidence for correctness, NaN where all are right or all wrong."""
    from sklearn.metrics import roc_auc_score

    return float("nan") if right.all() or not right.any() else float(roc_auc_score(right, logprob))


def ece(right: NDArray[np.bool_], confidence: NDArray[np.float64]) -> float:
    """Return the expected calibration error over 15 bins of equal width (arXiv 1706.04599, eq. 3); confidence in [0, 1]."""
    place = np.minimum((confidence * BINS).astype(np.int64), BINS - 1)
    gaps = np.abs(np.bincount(place, right, BINS) - np.bincount(place, confidence, BINS))
    return float(gaps.sum() / len(right))


def figures(said: Answers, asked: Sequence[Puzzle], field: Sequence[str]) -> dict[str, Any]:
    """Return one arm's figures: accuracy with half its 95 % interval, by category and level, calibration, tokens."""
    category = np.array([puzzle.category for puzzle in asked])
    level = np.array([puzzle.level for puzzle in asked])
    own = np.isin(category, list(field))
    confidence = np.exp(said.logprob)
    share = float(said.right.mean())
    return {
        "accuracy": share,
        "half": 1.96 * float(np.sqrt(share * (1 - share) / len(asked))),
        "accuracy_first": float(said.right[:SOME].mean()),
        "own_field": _mean(said.right[own]),
        "off_field": _mean(said.right[~own]),
        "auroc": auroc(said.right, said.logprob),
        "ece": ece(said.right, confidence),
        "confidence": float(confidence.mean()),
        "off_field_confidence": _mean(confidence[~own]),
        "tokens_in": float(said.tokens_in.mean()),
        "tokens_out": float(said.tokens_out.mean()),
        "by_level": {str(each): _mean(said.right[level == each]) for each in LEVELS},
        "by_category": {name: [_mean(said.right[(category == name) & (level == each)]) for each in LEVELS] for name in CATEGORIES},
    }


def measured(count: int = COUNT, seed: int = SEED) -> dict[str, Any]:
    """Return the figures of every arm, how often one is right where another is wrong, and the share that none gets right."""
    from data.ladder.rungs import rung

    asked = puzzles(count, seed)
    said = {name: answered(load(name), asked) for name in NAMES}
    said[DIRECT] = answered(load("r4"), asked, think=False)
    right = {name: each.right for name, each in said.items()}
    fields = {name: rung("r4" if name == DIRECT else name).field for name in said}
    return {
        "count": count,
        "seed": seed,
        "arms": {name: figures(each, asked, fields[name]) for name, each in said.items()},
        "right_where_wrong": {a: {b: float((right[a] & ~right[b]).mean()) for b in right if b != a} for a in right},
        "hopeless": float((~np.any([right[name] for name in right], axis=0)).mean()),
        "hopeless_for_rungs": float((~np.any([right[name] for name in GENERALISTS], axis=0)).mean()),
        "oracle": float(np.any([right[name] for name in right], axis=0).mean()),
    }


def read(folder: Path = CARDS) -> Mapping[str, Any]:
    """Return the figures as they were measured."""
    found: dict[str, Any] = json.loads((folder / "figures.json").read_text(encoding="utf-8"))
    return found


def _mean(values: NDArray[Any]) -> float | None:
    return float(values.mean()) if len(values) else None


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, and write figures.json and a card a model."""
    from data.ladder.describe import write_cards

    parser = argparse.ArgumentParser(description="Measure the ladder and write its cards.")
    parser.add_argument("--count", type=int, default=COUNT, help="how many held-out puzzles")
    parser.add_argument("--out", type=Path, default=CARDS, help="where the cards go")
    options = parser.parse_args(arguments)
    found = measured(options.count)
    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / "figures.json").write_text(json.dumps(found, indent=1), encoding="utf-8")
    write_cards(found, options.out)
    for name, arm in found["arms"].items():
        print(f"{name:10} accuracy {arm['accuracy']:.3f} ± {arm['half']:.3f}, AUROC {arm['auroc']:.3f}, ECE {arm['ece']:.3f}")
    print(f"hopeless {found['hopeless']:.3f} (rungs alone {found['hopeless_for_rungs']:.3f}), oracle {found['oracle']:.3f}")


if __name__ == "__main__":
    main()
