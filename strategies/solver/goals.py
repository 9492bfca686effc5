"""What a person asks for: an objective, limits, how sure to be; and its short form in an address.

`cost_k0.97_d0.05` reads: the least cost that keeps 97 % of the best single model's quality, wrong with probability 0.05 at most.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

from data.problems import refuse

Aim: TypeAlias = Literal["cost", "quality", "latency", "energy", "worth"]
Kind: TypeAlias = Literal["keep", "quality", "cost", "p95", "worth"]
TAIL = 0.05  # the share of queries that a limit on p95 lets pass
_LETTERS: dict[str, Kind] = {"k": "keep", "q": "quality", "c": "cost", "t": "p95"}
_AIMS = ", ".join(get_args(Aim))


@dataclass(frozen=True, slots=True)
class Limit:
    """One thing that has to hold of the policy, on average over queries like these.

    keep : its quality is at least `at` times that of the best single model, 0 < at <= 1. quality : it is at least `at`, 0 to 1.
    cost : the mean cost of a query is at most `at`, in the table's cost unit. p95 : 95 % of the queries take at most `at` seconds.
    worth : it is worth at least as much as any single model, a wrong answer costing `at` (set by the solver for a question of worth).
    """

    kind: Kind
    at: float

    def __post_init__(self) -> None:
        high = 1.0 if self.kind in {"keep", "quality"} else math.inf
        if not (math.isfinite(self.at) and 0 < self.at <= high):
            ends = "above 0, 1 at most" if high == 1 else "above 0"
            raise refuse(f"a limit of {self.at:g} on {self.kind} cannot be asked for.", f"Give a number {ends}.", column=self.kind)


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What to look for.

    aim : what to make as small as possible (cost, latency, energy; means a query) or as large (quality; worth = quality * value - cost).
    limits : all have to hold. value : what a wrong answer costs, in the table's cost unit; for the aim worth only, which needs it.
    delta : how likely the certificate may be wrong, 0.001 to 0.5; the confidence is 1 - delta. Raises ProblemError for anything else.
    """

    aim: Aim
    limits: tuple[Limit, ...] = ()
    value: float | None = None
    delta: float = 0.05

    def __post_init__(self) -> None:
        object.__setattr__(self, "limits", tuple(self.limits))
        if self.aim not in get_args(Aim):
            raise refuse(f"nothing is known of the aim {self.aim!r}.", f"Aims: {_AIMS}.", column="aim")
        if not 0.001 <= self.delta <= 0.5:
            raise refuse(f"a confidence of {1 - self.delta:.4g} cannot be promised.", "Give one from 0.5 to 0.999.", column="delta")
        if (self.aim == "worth") != (self.value is not None):
            raise refuse("a question of worth says what a wrong answer costs, and no other does.", "Give value with aim='worth'.")
        if self.value is not None and not (math.isfinite(self.value) and self.value > 0):
            raise refuse(f"a wrong answer cannot cost {self.value:g}.", "Give an amount above 0.", column="value")
        if len({limit.kind for limit in self.limits}) < len(self.limits):
            raise refuse("two limits are of one kind.", "Give the stricter one only.")

    @property
    def proved(self) -> tuple[Limit, ...]:
        """The limits that have to be proved: those asked for, and of worth that no single model is worth more."""
        return self.limits if self.value is None else (*self.limits, Limit("worth", self.value))

    def limit(self, kind: Kind) -> float | None:
        """Return the limit of a kind, None where there is none."""
        return next((limit.at for limit in self.limits if limit.kind == kind), None)

    @property
    def code(self) -> str:
        """The question as a short word of letters, digits, `_`, `.`, `-` and `+`; `parse` reads it."""
        letters = {kind: letter for letter, kind in _LETTERS.items()}
        words = [f"{letters[limit.kind]}{limit.at!r}" for limit in self.limits]
        worth = [] if self.value is None else [f"v{float(self.value)!r}"]
        return "_".join([self.aim, *words, *worth, f"d{float(self.delta)!r}"])


def parse(code: str) -> Question:
    """Return the question that a code stands for; ProblemError for anything that `Question.code` does not write."""
    aim, *words = code.split("_")
    limits, numbers = [], dict[str, float]()
    for word in words:
        letter, number = word[:1], _number(word[1:], code)
        if letter in _LETTERS:
            limits.append(Limit(_LETTERS[letter], number))
        elif letter in {"v", "d"} and letter not in numbers:
            numbers[letter] = number
        else:
            raise _unreadable(code)
    return Question(aim=_aim(aim, code), limits=tuple(limits), value=numbers.get("v"), delta=numbers.get("d", 0.05))


def _aim(word: str, code: str) -> Aim:
    found: Sequence[Aim] = [aim for aim in get_args(Aim) if aim == word]
    if not found:
        raise _unreadable(code)
    return found[0]


def _number(text: str, code: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise _unreadable(code) from None


def _unreadable(code: str) -> Exception:
    return refuse(f"{code[:60]!r} is no question.", "A question reads like cost_k0.97_d0.05: an aim, limits k q c t, a value v, a doubt d.")
