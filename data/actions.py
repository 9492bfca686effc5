"""What each action of a history does when the history is played again (`data.history`).

What becomes of each kind of line in a replay:

action              | in a replay
--------------------|------------------------------------------------------------------------------------------------------------
read                | the mapping is applied, by the names of its columns; columns that are gone are said
dropped bad rows    | rows with problems are left out again, whichever they are now
prices              | the same cards, for the models that are there
relative prices     | the same weights, for the models that are there
audit               | the finding is looked for anew by its id, in the table as it is then, and settled by the same choice
models renamed      | the models that are there get their new names
models merged       | the names that are there become one model
models hidden       | the models that are there are hidden
models ordered      | the models that are there come first, in this order
prices of the files | derived: read again from the files and the mapping
references          | derived: found again when the file is read
scored              | derived: the mapping names the scorer
empty means wrong   | derived: the mapping says what an empty cell means
divided             | derived: the mapping names the column that counts what a value covers
chosen by outcome   | derived: the mapping names these policies
propensity          | derived: counted again when the file is read
recorded            | derived: how the set was made
collected           | derived: how the answers were collected
fetched             | derived: where the files came from
simulate            | derived: how the set was drawn
arms derived        | derived: how arms that nobody ran were worked out
assumed             | derived: what a scenario assumed; it is asked again, not replayed
replayed            | derived: what an earlier replay could not apply

A new action is one line in ACTIONS (a function of a table and the line's values) or in DERIVED (why nothing has to be done).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, TypeAlias

from data.models import ModelCard
from data.outcomes import OutcomeTable
from data.problems import listed, refuse

Status: TypeAlias = Literal["applied", "derived", "nothing to do", "not applied"]
Values: TypeAlias = Mapping[str, Any]
Done: TypeAlias = tuple[OutcomeTable, Status, str]


def _prices(table: OutcomeTable, values: Values) -> Done:
    cards = [_sound(ModelCard.from_json(card)) for card in values["cards"]]
    here = [card for card in cards if card.name in table.models]
    if not here:
        return table, "nothing to do", _absent([card.name for card in cards])
    absent = [card.name for card in cards if card not in here]
    return table.priced(here, recompute=bool(values.get("recompute", False))), "applied", _absent(absent)


def _sound(card: ModelCard) -> ModelCard:
    for price in (card.price_in_usd_per_mtok, card.price_out_usd_per_mtok, card.price_usd_per_query, card.price_usd_per_hour):
        if not math.isnan(price):
            _price(price)
    return card


def _price(value: Any) -> float:
    """Return a price that came as JSON; raises TypeError or ValueError unless it is a number from 0 on."""
    price = float(value)
    if not 0 <= price < math.inf:
        raise ValueError
    return price


def _relative(table: OutcomeTable, values: Values) -> Done:
    weights = {str(model): _price(weight) for model, weight in values["weights"].items()}
    here, absent = _split(table, list(weights))
    if not here:
        return table, "nothing to do", _absent(absent)
    return table.relatively_priced({model: weights[model] for model in here}), "applied", _absent(absent)


def _audit(table: OutcomeTable, values: Values) -> Done:
    from data.audit import apply, checks

    name, choice = str(values["finding"]), values["choice"]
    check = checks().get(name.split(".", 1)[0])
    if check is None:
        raise refuse(f"this version has no check {name!r}.", "Settle what it finds by hand.")
    finding = next((each for each in check.find(table) if each.id == name), None)
    if finding is None:
        return table, "nothing to do", f"{name} is no longer found"
    words = [counts(int(values.get("rows", 0)), len(finding.rows))]
    more = [model for model in finding.models if model not in values.get("models", finding.models)]
    words += [f"now also of {listed(more)}"] if more else []
    return apply(table, finding, choice), "applied", "; ".join(word for word in words if word)


def _renamed(table: OutcomeTable, values: Values) -> Done:
    from data.arms import renamed

    names = {str(old): str(new) for old, new in values["names"].items()}
    here, absent = _split(table, list(names))
    if not here:
        return table, "nothing to do", _absent(absent)
    return renamed(table, {old: names[old] for old in here}), "applied", _absent(absent)


def _merged(table: OutcomeTable, values: Values) -> Done:
    from data.arms import merged, renamed

    into = str(values["into"])
    here, absent = _split(table, _names(values))
    if not here or here == [into]:
        return table, "nothing to do", _absent(absent)
    made = merged(table, here, into) if len(here) > 1 else renamed(table, {here[0]: into})
    return made, "applied", _absent(absent)


def _hidden(table: OutcomeTable, values: Values) -> Done:
    from data.arms import hidden

    here, absent = _split(table, _names(values))
    return (hidden(table, here), "applied", _absent(absent)) if here else (table, "nothing to do", _absent(absent))


def _ordered(table: OutcomeTable, values: Values) -> Done:
    from data.arms import ordered

    names = _names(values)
    here, absent = _split(table, names)
    new = [model for model in table.models if model not in names]
    words = "; ".join(word for word in (_absent(absent), f"new, so at the end: {listed(new)}" if new else "") if word)
    return (ordered(table, here), "applied", words) if here else (table, "nothing to do", words)


ACTIONS: Mapping[str, Callable[[OutcomeTable, Values], Done]] = {
    "prices": _prices,
    "relative prices": _relative,
    "audit": _audit,
    "models renamed": _renamed,
    "models merged": _merged,
    "models hidden": _hidden,
    "models ordered": _ordered,
}
READING = frozenset({"read", "dropped bad rows"})
DERIVED: Mapping[str, str] = {
    "prices of the files": "read again from the files",
    "references": "found again in the file",
    "scored": "the mapping names the scorer",
    "empty means wrong": "the mapping says it",
    "divided": "the mapping names the column",
    "chosen by outcome": "the mapping names these policies",
    "propensity": "counted again in the file",
    "recorded": "how the set was made",
    "collected": "how the answers were collected",
    "fetched": "where the files came from",
    "simulate": "how the set was drawn",
    "arms derived": "how arms that nobody ran were worked out",
    "assumed": "of a scenario: asked again, not replayed",
    "replayed": "of an earlier replay",
}


def _split(table: OutcomeTable, names: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return (models that are there, models that aren't), in the order given."""
    return [name for name in names if name in table.models], [name for name in names if name not in table.models]


def _names(values: Values) -> list[str]:
    names = values["names"]
    if not isinstance(names, (list, tuple)):
        raise TypeError
    return [str(name) for name in names]


def _absent(names: Sequence[str]) -> str:
    return f"not there: {listed(names)}" if names else ""


def counts(then: int, now: int) -> str:
    """Return how many rows it was then and is now, "" where they are as many."""
    return f"{then:,} {'row' if then == 1 else 'rows'} then, {now:,} now" if then != now else ""
