"""The cards of the ladder's models and of the puzzle table, written from what was measured so that no figure can drift."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from data.bundled.card import mean_line, task_line
from data.ladder import NAMES, card
from data.ladder.puzzles import CATEGORIES
from data.ladder.puzzles.base import HELD_OUT_SHARE
from data.ladder.rungs import BATCH, Rung, rung
from data.outcomes import OutcomeTable

_MODEL = """# {title}

{what} {parameters:,} parameters: a decoder of {layers} layers, width {width}, {heads} heads (rotary positions, normalised queries and
keys, squared ReLU, prefix mask), {vocabulary} tokens of its own vocabulary. {thinking}

## Measured
{count:,} held-out puzzles (seed {seed}), greedy; `python -m data.ladder.measure` finds the same figures.

| | |
| --- | --- |
| accuracy | {accuracy:.3f} ± {half:.3f} |
| in its field / outside | {own} / {off} |
| AUROC of the summed log-prob for correctness | {auroc:.3f} |
| expected calibration error, 15 bins | {ece:.3f} |
| mean confidence / outside its field | {confidence:.3f} / {off_confidence} |
| tokens a puzzle, in / out | {tokens_in:.1f} / {tokens_out:.1f} |
| price, USD per million tokens in / out | {price_in:.3g} / {price_out:.3g} (assumed: {price_note}) |

| category | level 1 | 2 | 3 | 4 | 5 |
| --- | --- | --- | --- | --- | --- |
{by_category}
| **all** | {by_level} |

{direct}## Right where another is wrong
Share of all puzzles that this model gets right and the other one wrong.

| other | share |
| --- | --- |
{confusion}

## How it was made
- **Data**: puzzles generated on the fly (`data/ladder/puzzles`), {field}. A {share}th of all operand sets is held out by a hash of
  category and operands, commutative operands sorted, whatever the phrasing: none of them is in training.
- **Recipe**: {items:,} puzzles, {batch} a step, {steps:,} steps from seed 7; Muon at 0.012 for matrices, AdamW at 0.004 for the rest,
  both falling to zero{bends}; bfloat16 with float32 masters; loss on what is generated only.
- **Again**: `python -m data.ladder.train {name}`. Other processors and versions of torch give other bits, and about these figures.

## Limits
It knows these puzzles in these phrasings and nothing else; words that it was not taught are spelled, and answered badly.
"""

_TABLE = """# Puzzles

{count:,} text puzzles in {tasks} categories and five levels, each asked to {arms} arms. Held out: no arm was trained on any of their
operands. Recorded with real small language models that anyone can run again on one core; see data/ladder/cards for each of them.

## Means over all {count:,} puzzles

| arm | quality | USD per 1,000 puzzles | mean seconds | says it can answer |
| --- | --- | --- | --- | --- |
{means}

## Quality by category

| category | puzzles | {names} | best possible choice |
| --- | --- | {rules} | --- |
{by_task}

## How it was made
- **Puzzles**: `data/ladder/questions.py`, as many of each category and level as of any other; the column `level` says which.
- **r1 to r4** are general models, each trained on all categories; r4 writes its working before the answer and pays for those tokens.
  **r4-direct** is the same model asked for the answer at once. **numbers**, **letters** and **stories** are specialists: good in
  their field, wrong and often sure outside it.
- **tool** is a calculator with a little SQL: exact where a form fits, empty elsewhere. It and **smollm2-135m** (a general
  language model that is 50 to 900 times as large, and worse at this) are in *Puzzles with a tool* only: the tool would answer three
  categories alone.
- **Signals**: `sum_logprob` is the log-probability of everything generated, working included; `mean_logprob` and `min_logprob` its
  mean and smallest; `margin` the probability of the first token minus that of its runner-up. tokens.parquet has every token of the
  ladder's arms with its log-prob (float16): query and model are positions in this table.
- **Samples**: the cheap arms answered five more times at temperature 0.7.
- **Cost** is assumed, not billed: a token's price in proportion to the model's parameters, the largest at gpt-5's list price
  ({price_in:g} and {price_out:g} USD per million tokens in and out, {price_date}); SmolLM2 at an assumed rent of the machine.
- **Latency** was measured call by call in this process, on {machine}.
- Recorded on {date} by `python -m data.ladder.record`.

## Licence
Puzzles, answers and weights: {licence}. SmolLM2 and all-MiniLM-L6-v2 are Apache-2.0.

## Limits
Thirteen kinds of puzzle in a few phrasings. Real questions vary more, and categories are seldom known beforehand.
"""


def write_cards(found: Mapping[str, Any], folder: Path) -> None:
    """Write a card a model into a folder, from the figures of `measure.measured`."""
    for name in NAMES:
        (folder / f"{name}.md").write_text(model_text(name, found), encoding="utf-8")


def model_text(name: str, found: Mapping[str, Any]) -> str:
    """Return the card of one model."""
    made, arm, paid = rung(name), found["arms"][name], card(name)
    return _MODEL.format(
        **{key: arm[key] for key in ("accuracy", "half", "auroc", "ece", "confidence", "tokens_in", "tokens_out")},
        name=name, title=made.title, what=_what(made), parameters=made.shape.parameters, layers=made.layers, width=made.width,
        heads=made.heads, vocabulary=made.shape.vocabulary, thinking=_thinking(made), count=found["count"], seed=found["seed"],
        own=_share(arm["own_field"]), off=_share(arm["off_field"]), off_confidence=_share(arm["off_field_confidence"]),
        price_in=paid.price_in_usd_per_mtok, price_out=paid.price_out_usd_per_mtok, price_note=paid.note.split(";")[0],
        by_category="\n".join(f"| {category} | {_row(arm['by_category'][category])} |" for category in CATEGORIES),
        by_level=_row(arm["by_level"].values()), direct=_direct(made, found),
        confusion="\n".join(f"| {other} | {share:.3f} |" for other, share in found["right_where_wrong"][name].items()),
        field="all 13 categories" if not made.categories else f"only {', '.join(made.categories)}", share=HELD_OUT_SHARE,
        items=made.items, batch=BATCH, steps=made.steps, bends=_bends(made),
    )  # fmt: skip


def write_table_card(table: OutcomeTable, folder: Path) -> Path:
    """Write CARD.md beside the stored puzzle table and return its path."""
    path = folder / "CARD.md"
    path.write_text(table_text(table), encoding="utf-8")
    return path


def table_text(table: OutcomeTable) -> str:
    """Return the puzzle table's card; its figures are means over all rows."""
    made, top = table.history[0].values, card("r4")
    return _TABLE.format(
        count=len(table), tasks=len(table.queries.task_names), arms=len(table.models),
        means="\n".join(mean_line(table, m) for m in range(len(table.models))),
        names=" | ".join(table.models), rules=" | ".join("---" for _ in table.models),
        by_task="\n".join(task_line(table, code) for code in range(len(table.queries.task_names))),
        machine=made["machine"], date=made["date"], licence=table.origin.licence,
        price_in=top.price_in_usd_per_mtok, price_out=top.price_out_usd_per_mtok, price_date=top.date,
    )  # fmt: skip


def _what(made: Rung) -> str:
    return "A specialist." if made.categories else "A general model of the ladder."


def _thinking(made: Rung) -> str:
    if not made.think:
        return "It answers at once."
    if made.think < 1:
        return "It writes its working first, or answers at once when asked to."
    return "It writes its working first."


def _direct(made: Rung, found: Mapping[str, Any]) -> str:
    if made.name != "r4":
        return ""
    arm = found["arms"]["r4-direct"]
    return (
        f"Asked for the answer at once: accuracy {arm['accuracy']:.3f} ± {arm['half']:.3f} for {arm['tokens_out']:.1f} tokens, "
        f"AUROC {arm['auroc']:.3f}, calibration error {arm['ece']:.3f}.\n\n"
    )


def _bends(made: Rung) -> str:
    corners = ", ".join(f"{share:g} at step {step:,}" for step, share in made.bends)
    return f" along a line with corners ({corners})" if corners else " along a line"


def _row(values: Any) -> str:
    return " | ".join(_share(value) for value in values)


def _share(value: float | None) -> str:
    return "none" if value is None else f"{value:.3f}"
