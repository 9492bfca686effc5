"""The mapping: which column plays which role. Frozen, JSON, applied the same way every time."""

from __future__ import annotations

from collections.abc import Mapping as AbstractMapping
from collections.abc import Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any, Literal, TypeAlias

from data.models import ModelCard
from data.outcomes import FIELDS
from data.problems import listed, refuse
from data.readers.units import Per, guessed

Shape: TypeAlias = Literal["wide", "long"]
Empty: TypeAlias = Literal["wrong", "not run"]
QUERY_ROLES = ("query_id", "prompt", "reference", "task", "split", "timestamp")
ROW_ROLES = ("model", "sample", "policy")
CELL_ROLES = ("quality", "answer", "response", *FIELDS[1:])
ROLES = (*QUERY_ROLES, *ROW_ROLES, *CELL_ROLES, "signal")
EVERY = "*"
_LISTS = ("missing", "right", "wrong", "outcome_policies")
Cells: TypeAlias = AbstractMapping[str, AbstractMapping[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mapping:
    """Columns to roles.

    shape : "wide" = a row per query, "long" = a row per query and model (and sample, or policy).
    query : role of QUERY_ROLES or ROW_ROLES -> column.
    cells : role of CELL_ROLES -> model -> column; in a long sheet the only model is EVERY.
    signals : name of the signal -> model -> column.
    factors : role -> what its values are multiplied with, so that units are right (0.001 for ms); or column -> the same, where the
        columns of a role have different units. What is said of the role holds for all of its columns.
    divided_by : role -> column with the number of answers that a value covers together; its values are divided by it.
    cost_per : what the cost column is the price of: a "query", or a "token" (then it is multiplied with the tokens recorded).
    scale : (low, high) of the quality column, rescaled linearly to 0..1; None = it is 0..1 already.
    scorer : scores answers against the reference where no quality is recorded, and gives the short form for agreement.
    missing : further words that mean "not recorded", such as "-1".
    right, wrong : further words of the quality column that mean 1 and 0, in lower case.
    outcome_policies : policies whose rows were chosen by their outcome; left out unless `keep_outcome_rows`.
    """

    shape: Shape = "wide"
    query: AbstractMapping[str, str] = field(default_factory=dict)
    cells: Cells = field(default_factory=dict)
    signals: Cells = field(default_factory=dict)
    factors: AbstractMapping[str, float] = field(default_factory=dict)
    divided_by: AbstractMapping[str, str] = field(default_factory=dict)
    cost_per: Per = "query"
    scale: tuple[float, float] | None = None
    scorer: str = ""
    empty_answer_means: Empty = "not run"
    missing: tuple[str, ...] = ()
    right: tuple[str, ...] = ()
    wrong: tuple[str, ...] = ()
    outcome_policies: tuple[str, ...] = ()
    keep_outcome_rows: bool = False
    prices: tuple[ModelCard, ...] = ()

    @property
    def models(self) -> tuple[str, ...]:
        """Return the models of a wide mapping in the order of the file; empty for a long one."""
        names = dict.fromkeys(m for role in ("quality", "answer", "response") for m in self.cells.get(role, {}))
        return tuple(name for name in names if name != EVERY)

    @property
    def columns(self) -> dict[str, tuple[str, str]]:
        """Return column -> (role, model); the model is "" for a role of the whole query."""
        used = {column: (role, "") for role, column in self.query.items()}
        for role, cells in (*self.cells.items(), *((f"signal {name}", cells) for name, cells in self.signals.items())):
            used.update({column: (role, "" if model == EVERY else model) for model, column in cells.items()})
        return used

    def factor(self, role: str, column: str) -> float:
        """Return what the values of a column in a role are multiplied with."""
        return self.factors.get(role, self.factors.get(column, 1.0))

    def to_json(self) -> dict[str, Any]:
        """Return the mapping as plain JSON values."""
        values = {f.name: getattr(self, f.name) for f in fields(self)}
        lists = {name: list(values[name]) for name in _LISTS}
        scale = None if self.scale is None else list(self.scale)
        return {**values, **lists, "scale": scale, "prices": [card.to_json() for card in self.prices]}

    @classmethod
    def from_json(cls, values: AbstractMapping[str, Any]) -> Mapping:
        """Return the mapping that `to_json` wrote; unknown fields are refused by name."""
        strange = sorted(set(values) - {f.name for f in fields(cls)})
        if strange:
            raise refuse(f"a mapping has no field {strange[0]!r}.", f"Fields: {', '.join(f.name for f in fields(cls))}.")
        given = dict(values)
        for name in _LISTS:
            given[name] = tuple(given.get(name, ()))
        given["scale"] = checked_scale(given.get("scale"))
        given["prices"] = tuple(ModelCard.from_json(card) for card in given.get("prices", ()))
        return cls(**given)

    def with_roles(self, roles: AbstractMapping[str, Any]) -> Mapping:
        """Return the mapping with what a person said: role -> column, or role -> model -> column.

        Roles of a query replace the guess one by one. As soon as a model, its quality or its answers are named, all
        roles of models are taken from `roles` alone, so that nothing guessed slips in beside them. Units are those that the names say.
        Raises ProblemError for a role that doesn't exist.
        """
        strange = [role for role in roles if role not in ROLES]
        if strange:
            raise refuse(f"there is no role {strange[0]!r}.", f"Roles: {', '.join(ROLES)}.")
        query = {role: str(roles[role]) for role in (*QUERY_ROLES, *ROW_ROLES) if roles.get(role)}
        fresh = bool({"model", "quality", "answer"} & set(roles))
        cells = {role: _cells(roles[role], role) for role in CELL_ROLES if roles.get(role)}
        signals = {name: _cells(column, f"signal {name}") for name, column in dict(roles.get("signal") or {}).items()}
        long = "model" in query or (self.shape == "long" and not fresh)
        spoken = {*query.values(), *(c for each in (*cells.values(), *signals.values()) for c in each.values())}
        kept = {r: c for r, c in self.query.items() if c not in spoken and (r in QUERY_ROLES or long)}
        old = {} if fresh else {r: {m: c for m, c in each.items() if c not in spoken} for r, each in self.cells.items()}
        units, per = guessed(cells)
        known = {name: factor for name, factor in self.factors.items() if not fresh and name not in cells}
        return replace(
            self,
            shape="long" if long else "wide",
            query={**kept, **query},
            cells={role: each for role, each in {**old, **cells}.items() if each},
            signals={**({} if fresh else self.signals), **signals},
            factors={**known, **units},
            divided_by={} if fresh else self.divided_by,
            cost_per=per if fresh or "cost_usd" in cells else self.cost_per,
        )


def check_columns(mapping: Mapping, columns: Sequence[str], file: str) -> None:
    """Raise ProblemError if the mapping names a column that the sheet hasn't."""
    known = set(columns)
    for column, (role, model) in mapping.columns.items():
        if column not in known and not column.startswith("@"):
            whose = f"{role} of {model}" if model else role
            raise refuse(f"there is no column {column!r} for {whose}.", f"Columns: {listed(list(columns), 12)}.", file=file)
    for role, column in mapping.divided_by.items():
        if column not in known:
            raise refuse(f"there is no column {column!r} to divide {role} by.", f"Columns: {listed(list(columns), 12)}.", file=file)


def checked_scale(scale: Any) -> tuple[float, float] | None:
    """Return (low, high) as floats, or None; raises ProblemError unless low < high."""
    if scale is None:
        return None
    try:
        low, high = (float(value) for value in scale)
    except (TypeError, ValueError):
        raise refuse(f"{scale!r} is no scale.", "Give the lowest and the highest score, such as (1, 10).") from None
    if not low < high:
        raise refuse(f"the scale {low:g} to {high:g} is empty.", "Give the lowest and the highest score, such as (1, 10).")
    return low, high


def words_for_missing(given: Sequence[str | float] | str | float) -> tuple[str, ...]:
    """Return what means "not recorded" as a mapping holds it: one word or number, or several; words in lower case."""
    several = (given,) if isinstance(given, (str, int, float)) else given
    return tuple(f"{each:g}" if isinstance(each, (int, float)) else each.strip().lower() for each in several)


def _cells(value: Any, role: str) -> dict[str, str]:
    if isinstance(value, str):
        return {EVERY: value}
    if isinstance(value, AbstractMapping):
        return {str(model): str(column) for model, column in value.items()}
    raise refuse(f"the role {role!r} got {value!r}.", "Give a column name, or a name for each model: {'gpt': 'gpt_score'}.")
