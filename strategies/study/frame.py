"""The decision table as a frame: one row a tested query."""

from __future__ import annotations

from typing import Any

import numpy as np

from strategies.study.decisions import Decisions


def frame(found: Decisions) -> Any:
    """Return a pandas frame: query, task, path, answer, right, quality, cost and regret in the table's unit, confidence by stage, sets."""
    import pandas as pd

    shown, tested = found.shown, found.shown.study.tested
    short = np.array([card.short for card in tested.cards], dtype=object)
    rounds = shown.rounds
    path = np.array(["" for _ in range(len(rounds))], dtype=object)
    for place in range(rounds.shape[1]):
        model = rounds[:, place]
        path = np.where(model >= 0, path + ("" if place == 0 else " → ") + short[np.maximum(model, 0)], path)
    unit = tested.cost_unit.lower()
    columns: dict[str, Any] = {
        "query": tested.queries.ids.to_list(),
        "task": [tested.queries.task_of(i) for i in range(len(tested))],
        "path": path,
        "answered by": short[shown.answer],
        "right": found.right,
        "quality": shown.quality,
        f"cost_{unit}": shown.cost,
        f"regret_{unit}": found.regret,
        "latency_s": shown.latency,
    }
    for stage in range(1, rounds.shape[1] + 1):
        score = shown.score(stage)
        if not np.isnan(score).all():
            columns[f"confidence {stage}"] = score
    for identity, group in found.sets().items():
        columns[f"set {identity}"] = group.mask
    return pd.DataFrame(columns)
