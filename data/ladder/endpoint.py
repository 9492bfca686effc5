"""The ladder's models as endpoints: asked like any other through the `openai` package, answered in this process."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from data.ladder.prices import card
from data.ladder.rungs import rung
from data.live.endpoints import IN_PROCESS, Endpoint
from data.problems import refuse

# A name under .invalid can't exist (RFC 2606, section 2): a call that misses the transport fails instead of leaving the machine.
BASE_URL = f"http://{IN_PROCESS}/v1"
MAX_TOKENS = 96
AT_ONCE = 64  # a batch: more at once are no faster


def endpoint(name: str, think: bool | None = None, **changes: Any) -> Endpoint:
    """Return the endpoint of a model of the ladder, priced by `data.ladder.card`; needs no key.

    think : write the working (True), the answer alone (False), None = as the model is used to. The other way than it is used to is
    an arm of its own, so it has a name of its own: `r4-direct`. changes : fields of Endpoint (temperature, max_tokens, card ...).
    Raises ProblemError for an unknown name, and for working of a model that has not learnt to write it.
    """
    made = rung(name)
    used_to = made.think > 0
    if think and not used_to:
        raise refuse(f"{made.title} has not learnt to write its working.", "Ask it for the answer, or ask R4.")
    direct = think is False and used_to
    arm, title = (f"{name}-direct", f"{made.title} direct") if direct else (name, made.title)
    effort = {} if think is None else {"reasoning_effort": "high" if think else "none"}
    values = {"card": replace(card(name), name=arm, title=title), "max_tokens": MAX_TOKENS, "max_concurrency": AT_ONCE, **changes}
    values["extra"] = {**effort, **values.get("extra", {})}
    return Endpoint(name=arm, base_url=BASE_URL, model_id=name, **values)


def arms() -> tuple[Endpoint, ...]:
    """Return every arm whose weights are here: the rungs, the specialists, and whoever can do both also without its working."""
    from data.ladder import NAMES, model

    here = [name for name in NAMES if name in model.names()]
    found = [endpoint(name) for name in here]
    found += [endpoint(name, think=False) for name in here if 0 < rung(name).think < 1]
    return tuple(found)
