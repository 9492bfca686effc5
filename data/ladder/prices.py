"""What the ladder's models cost: a declared rule, so that cost ratios are those of a family of models on sale."""

from __future__ import annotations

from data.ladder.rungs import RUNGS, rung
from data.models import ModelCard

# The list price of gpt-5 in USD per million tokens (genai-prices 0.2.3, openai/gpt-5); its family is nano : mini : gpt-5 = 1 : 5 : 25.
TOP_IN, TOP_OUT = 1.25, 10.0
DATE = "2026-11-24"
FAMILY = "gpt-5"
_TOP = RUNGS[-1]


def card(name: str) -> ModelCard:
    """Return a model's card: the price of a token in proportion to the model's parameters, R4 at the list price of gpt-5.

    Prices are USD per million tokens, marked assumed: the models cost nothing to run here. Raises ProblemError for an unknown name.
    """
    made = rung(name)
    share = made.shape.parameters / _TOP.shape.parameters
    note = (
        f"price in proportion to its {made.shape.parameters:,} parameters; {_TOP.title} with {_TOP.shape.parameters:,} at the list price "
    )
    note += f"of {FAMILY}, {TOP_IN:g} and {TOP_OUT:g} USD per million tokens; running it here costs nothing"
    return ModelCard(
        name=name,
        title=made.title,
        price_in_usd_per_mtok=TOP_IN * share,
        price_out_usd_per_mtok=TOP_OUT * share,
        tier="assumed",
        date=DATE,
        source="declared",
        note=note,
    )
