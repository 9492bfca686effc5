"""What a batch of calls has done so far, in numbers and in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

Ending: TypeAlias = Literal["running", "finished", "stopped", "budget", "failed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """A snapshot: calls done (with failures) of total, seconds so far and left (NaN = not known yet), USD so far.

    unknown : calls done whose cost is not known. errors : kind of failure -> how often.
    """

    done: int
    total: int
    failed: int
    elapsed_s: float
    eta_s: float
    spent_usd: float
    unknown: int
    errors: Mapping[str, int] = field(default_factory=dict)

    @property
    def share(self) -> float:
        """Done of total, 0 to 1."""
        return self.done / self.total if self.total else 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """A cell that has no answer: query row, endpoint, kind of error, and the error's sentence."""

    row: int
    endpoint: str
    kind: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectReport:
    """How a batch ended. `resumed` calls came from a checkpoint; `not_reached` cells were never asked."""

    ending: Ending
    progress: Progress
    resumed: int = 0
    not_reached: int = 0
    failures: tuple[Failure, ...] = ()
    why: str = ""

    @property
    def by_kind(self) -> dict[str, list[str]]:
        """Kind of failure -> the different sentences it came with, most frequent first."""
        counted: dict[str, dict[str, int]] = {}
        for failure in self.failures:
            texts = counted.setdefault(failure.kind, {})
            texts[failure.text] = texts.get(failure.text, 0) + 1
        return {kind: sorted(texts, key=lambda text: -texts[text]) for kind, texts in counted.items()}

    def sentence(self) -> str:
        """Return one sentence for a person."""
        p = self.progress
        words = {"finished": "Finished", "stopped": "Stopped", "budget": "Stopped at the cap", "failed": "Failed", "running": "Running"}
        cost = f"${p.spent_usd:,.4f}" + (f" and {p.unknown:,} calls at an unknown price" if p.unknown else "")
        left = f", {self.not_reached:,} not reached" if self.not_reached else ""
        return f"{words[self.ending]}: {p.done - p.failed:,} answers, {p.failed:,} failures{left}; {cost}."
