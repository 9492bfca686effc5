"""Whom one prompt can be asked: the ladder, its tool, the model on this machine, the user's own."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from dashboard.components import endpoints
from dashboard.words import tryout as words
from data.live.call import Answer
from data.live.each import Outcome, ask_each
from data.live.endpoints import Endpoint, KeyRing
from data.models import ModelCard


@dataclass(frozen=True, slots=True, kw_only=True)
class Arm:
    """One that can be asked. endpoint : None for the tool, which is no model. note : what it is, in a few words."""

    name: str
    title: str
    note: str
    card: ModelCard
    endpoint: Endpoint | None = None

    @property
    def quick(self) -> bool:
        """Whether it answers within a moment, in this process."""
        return self.endpoint is None or self.endpoint.in_process


@dataclass(slots=True)
class Try:
    """One prompt asked to some arms; `outcomes` fills as they answer.

    reference : the right answer, "" = not known; category : the puzzle's, "" = none.
    """

    prompt: str
    arms: tuple[Arm, ...]
    reference: str = ""
    category: str = ""
    outcomes: dict[str, Outcome] = field(default_factory=dict)

    @property
    def quick_done(self) -> bool:
        """Whether all that answer within a moment have answered."""
        return all(arm.name in self.outcomes for arm in self.arms if arm.quick)

    def right(self, name: str) -> bool | None:
        """Return whether an arm's answer is right, None where that isn't known (yet)."""
        from data.ladder.scoring import SCORERS

        outcome = self.outcomes.get(name)
        if not self.reference or not isinstance(outcome, Answer):
            return None
        return SCORERS[self.category].score(outcome.text, self.reference) > 0

    def ask(self, keys: KeyRing) -> None:
        """Ask all arms; returns when the last has answered or failed."""
        if any(arm.endpoint is None for arm in self.arms):
            self.outcomes[_tool().name] = _tool_says(self.prompt)
        asked = [arm.endpoint for arm in self.arms if arm.endpoint is not None]
        ask_each(self.prompt, asked, self.outcomes.__setitem__, keys=keys, ready=endpoints.ready)


def offered() -> dict[str, Arm]:
    """Return name -> arm of everything that can be asked now."""
    own = [_own(endpoint) for endpoint in (endpoints.here(), *endpoints.listed()) if endpoint is not None]
    ladder = [_of_ladder(endpoint) for endpoint in endpoints.ladder()]
    return {arm.name: arm for arm in (*ladder, _tool(), *own)}


def first_choice(names: list[str]) -> list[str]:
    """Return who is asked before anybody has chosen: the rungs and the tool."""
    from data.ladder.rungs import RUNGS

    wanted = {*(rung.name for rung in RUNGS), _tool().name}
    return [name for name in names if name in wanted]


def _of_ladder(endpoint: Endpoint) -> Arm:
    from data.ladder.rungs import rung

    made = rung(endpoint.model_id)
    working = made.think > 0 and endpoint.extra.get("reasoning_effort") != "none"
    kinds = [words.KINDS["field"].format(field=", ".join(words.CATEGORIES[name] for name in made.categories))] if made.categories else []
    kinds.append(words.KINDS["working" if working else "direct"])
    return Arm(name=endpoint.name, title=endpoint.card.short, note="; ".join(kinds), card=endpoint.card, endpoint=endpoint)


def _own(endpoint: Endpoint) -> Arm:
    note = words.KINDS["here" if endpoint.local else "added"]
    return Arm(name=endpoint.name, title=endpoint.card.short, note=note, card=endpoint.card, endpoint=endpoint)


def _tool() -> Arm:
    from data.ladder import tool

    return Arm(name=tool.NAME, title=words.TOOL_TITLE, note=words.KINDS["tool"], card=tool.card())


def _tool_says(prompt: str) -> Answer:
    from data.ladder import tool

    start = time.perf_counter()
    said = tool.answer(prompt)
    return Answer(text=said or "", latency_s=time.perf_counter() - start, cost_usd=tool.USD_PER_QUERY)
