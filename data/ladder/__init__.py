"""Small language models of our own that run anywhere: trained on text puzzles, answered by NumPy, served like any endpoint.

`card` gives a model's price, `data.ladder.model.load` the model, `data.ladder.endpoint` its endpoint. How they were made and how
good they are stands in `data/ladder/cards`.
"""

from __future__ import annotations

from data.ladder.prices import card
from data.ladder.rungs import RUNGS, SPECIALISTS

NAMES = tuple(each.name for each in (*RUNGS, *SPECIALISTS))

__all__ = ["NAMES", "card"]
