"""A total of tokens that isn't the sum of those in and out."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from data.audit.base import Check, Finding, at_rows, with_cells
from data.audit.evidence import counted
from data.audit.metering import Bools, cells, choices, nowhere, unknown_at
from data.outcomes import OutcomeTable

_ROOM, _SHARE = 0.01, 1e-6
_PARTS = {"reasoning": ("tokens_reasoning", "tokens_out"), "cached": ("tokens_cached", "tokens_in")}
_TITLES = {
    "reasoning": "Reasoning tokens are in the total, but not in the answer's tokens",
    "cached": "Cached tokens are in the total, but not in the prompt's tokens",
    "": "A total of tokens other than in and out",
}


class TokenTotals(Check):
    """Providers differ in whether the tokens of an answer contain its hidden reasoning; the total tells.

    Google's API reports thoughts beside candidates (`thoughtsTokenCount`), Anthropic's cache reads beside `input_tokens`;
    here both are parts of tokens out and in.
    """

    id = "token_totals"

    def find(self, table: OutcomeTable) -> Iterator[Finding]:
        """Yield the cells whose total holds reasoning, or cached tokens, that out or in leave out, and those that nothing explains."""
        if not table.has("tokens_total"):
            return
        found = gaps(table)
        for kind, (part, whole) in _PARTS.items():
            if found[kind].any():
                yield self._explained(table, found[kind], kind, part, whole)
        if found[""].any():
            yield Finding(
                id=self.id,
                severity="warning",
                title=_TITLES[""],
                meaning=(
                    f"In {counted(int(found[''].sum()), 'call')} the three numbers contradict each other, so at least one is wrong. "
                    "Costs by token rest on those in and out."
                ),
                choices=choices(table, found[""], repair="mark these totals as not known", keep="in and out are right"),
                **cells(table, found[""]),
            )

    def repair(self, table: OutcomeTable, finding: Finding) -> OutcomeTable:
        """Return the table with the part added to where it belongs, or with totals unknown that nothing explains."""
        kind = finding.id.partition(".")[2]
        wrong = gaps(table)[kind] & at_rows(table, finding)
        if not kind:
            return with_cells(table, unknown_at(table, wrong, "tokens_total"))
        return with_cells(table, added(table, wrong, *_PARTS[kind]))

    def _explained(self, table: OutcomeTable, wrong: Bools, kind: str, part: str, whole: str) -> Finding:
        before = float(table.numbers[whole][wrong].sum(dtype=np.float64))
        more = float(table.numbers[part][wrong].sum(dtype=np.float64))
        side = "answers" if kind == "reasoning" else "prompts"
        grown = f"{(before + more) / before:.1f} times as many" if before else f"{more:,.0f} instead of none"
        return Finding(
            id=f"{self.id}.{kind}",
            severity="warning",
            title=_TITLES[kind],
            meaning=(
                f"With them the {side} of {counted(int(wrong.sum()), 'call')} have {grown} tokens. "
                "A cost computed from the column as it is leaves them out, so these models look cheaper than they are."
            ),
            choices=choices(table, wrong, repair=f"add them to the {side[:-1]}'s tokens", keep="leave them out"),
            **cells(table, wrong),
        )


def added(table: OutcomeTable, wrong: Bools, part: str, whole: str) -> dict[str, NDArray[np.float32]]:
    """Return the column `whole` with the cells of `part` added to it where `wrong`, for `with_cells`."""
    return {whole: np.where(wrong, table.numbers[whole] + table.numbers[part], table.numbers[whole])}


def gaps(table: OutcomeTable) -> dict[str, Bools]:
    """Return kind -> (n, M): where total is in + out + reasoning, + cached (both kinds: + both), and where it is something else ("")."""
    found = {kind: nowhere(table) for kind in _TITLES}
    for m in range(len(table.models)):
        total, inside, out = (table.column(f"tokens_{name}", m).astype(np.float64) for name in ("total", "in", "out"))
        gap = total - inside - out
        room = _ROOM + _SHARE * np.abs(np.nan_to_num(total))
        off = np.abs(np.nan_to_num(gap)) > room
        if not off.any():
            continue
        reasoning, cached = (np.maximum(np.nan_to_num(table.column(f"tokens_{name}", m).astype(np.float64)), 0) for name in _PARTS)
        is_reasoning, is_cached = (off & (np.abs(gap - part) <= room) for part in (reasoning, cached))
        either = is_reasoning & is_cached  # by chance the same number: as in the model's other calls
        if int(is_cached.sum()) > int(is_reasoning.sum()):
            is_reasoning &= ~either
        else:
            is_cached &= ~either
        both = off & ~is_reasoning & ~is_cached & (np.abs(gap - reasoning - cached) <= room)
        found["reasoning"][:, m] = is_reasoning | both
        found["cached"][:, m] = is_cached | both
        found[""][:, m] = off & ~is_reasoning & ~is_cached & ~both
    return found
