"""One assumption: a small frozen value that declares its own parameters, and says what it makes of a table.

An author of a new one writes a dataclass with a `word` for links, an `order`, knobs, and `apply` (or `adapted`, `weighs`, ...).
Scenarios compose them (strategies.whatif.scenario).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import Field, dataclass, field, fields
from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias, TypeVar
from urllib.parse import quote, unquote

from data.outcomes import OutcomeTable
from data.problems import ProblemError, refuse
from strategies.knobs import Knob, knob
from strategies.protocol import Strategy

if TYPE_CHECKING:
    from strategies.whatif.scenario import Scenario

NAN = math.nan
EVERY = "*"  # the subject that means all models
S = TypeVar("S", bound=Strategy)
Rest: TypeAlias = Sequence["Change"]


def subject(default: Any = EVERY, *, kind: str = "model") -> Any:
    """Declare the field that says whom a change is about: a model's name, or a task's; "*" = all models."""
    return field(default=default, metadata={"subject": kind})


def rate(default: float = NAN, **spec: Any) -> Any:
    """Declare a number that may be left open (NaN = as it was recorded)."""
    declared: Any = knob(default, **spec)
    return field(default=default, metadata={**declared.metadata, "open": True})


def word_of(default: str = "", *, help: str, options: tuple[str, ...] = ()) -> Any:  # noqa: A002 - called as knobs call it
    """Declare a word: a day, a price list's name, one of a few options."""
    return field(default=default, metadata={"word": help, "options": options})


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Base of all assumptions.

    word : in links; order : low ones are applied first; title, help : for people. refits : the policy has to be learnt again.
    Numbers out of their declared range raise ProblemError, with the range.
    """

    word: ClassVar[str]
    order: ClassVar[int]
    title: ClassVar[str]
    help: ClassVar[str]
    refits: ClassVar[bool] = False

    def __post_init__(self) -> None:
        for item, spec in knobs_of(self):
            _check(self, item, spec)
        for item in fields(self):
            allowed = item.metadata.get("options")
            if allowed and getattr(self, item.name) not in allowed:
                raise refuse(f"{self.title}: {getattr(self, item.name)!r} is not one of {', '.join(allowed)}.", item.metadata["word"])

    @property
    def about(self) -> str:
        """The model or task it is about; "" where it is about everything."""
        named = (getattr(self, item.name) for item in fields(self) if "subject" in item.metadata)
        return str(next(named, ""))

    @property
    def idle(self) -> bool:
        """Whether it assumes nothing that is not so already."""
        return False

    def models(self, table: OutcomeTable) -> tuple[str, ...]:
        """Return the models of a table that it is about; ProblemError for one that is not there."""
        return table.models if self.about == EVERY else (table.models[table.index(self.about)],)

    def apply(self, table: OutcomeTable, scenario: Scenario) -> OutcomeTable:  # noqa: ARG002 - some change no table
        """Return the table under this assumption, with a line in its history; the table itself where nothing changes."""
        return table

    def adapted(self, policy: S) -> S:
        """Return a fitted policy under this assumption: the same one, except where it simulates a judge."""
        return policy


def knobs_of(change: Change | type[Change]) -> Iterator[tuple[Field[Any], Knob]]:
    """Yield (field, declaration) of every number."""
    for item in fields(change):
        if "knob" in item.metadata:
            yield item, item.metadata["knob"]


def _check(change: Change, item: Field[Any], spec: Knob) -> None:
    value, high = getattr(change, item.name), math.inf if spec.high == "data" else spec.high
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if number and math.isnan(value) and item.metadata.get("open"):
        return
    if not number or not spec.low <= value <= high or (spec.whole and value != round(value)):
        kind = "no whole number from" if spec.whole else "outside"
        raise refuse(
            f"{change.title}: {item.name} = {value!r} is {kind} {spec.low:g} to {high:g}.",
            f"{spec.help} Give a number in that range ({spec.unit}).", column=item.name,
        )  # fmt: skip


def encoded(change: Change) -> str:
    """Return a change as a short word of a link: its word and its values, those at their default left out at the end."""
    parts = [_plain(getattr(change, item.name), item.default) for item in fields(change)]
    while parts and not parts[-1]:
        parts.pop()
    return ":".join([change.word, *parts])


def _plain(value: Any, default: Any) -> str:
    same = value == default or (isinstance(value, float) and isinstance(default, float) and math.isnan(value) and math.isnan(default))
    if same:
        return ""
    return quote(value, safe="*") if isinstance(value, str) else repr(value).removesuffix(".0")


def decoded(kind: type[Change], parts: Sequence[str]) -> Change:
    """Return a change from the parts behind its word; ProblemError for anything that is not one."""
    known = fields(kind)
    if len(parts) > len(known):
        raise refuse(f"a link says {len(parts)} things of {kind.title!r}.", "Ask for the link again.")
    values: dict[str, Any] = {}
    for item, part in zip(known, parts, strict=False):
        if part:
            values[item.name] = _read(item, part, kind)
    missing = [item.name for item in known if item.name not in values and not isinstance(item.default, (str, int, float))]
    if missing:
        raise refuse(f"a link does not say the {missing[0]} of {kind.title!r}.", "Ask for the link again.")
    try:
        return kind(**values)
    except ProblemError as error:
        raise refuse(f"this link cannot be read: {error.problems[0].what}", error.problems[0].fix) from None


def _read(item: Field[Any], part: str, kind: type[Change]) -> Any:
    if "knob" not in item.metadata:
        return unquote(part)
    try:
        value = float(part)
    except ValueError:
        raise refuse(f"this link cannot be read: {part!r} is no number of {kind.title!r}.", "Ask for the link again.") from None
    return int(value) if item.metadata["knob"].whole and value == round(value) and math.isfinite(value) else value
