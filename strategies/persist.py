"""A policy in a file: JSON header and plain arrays (.npz, no pickle), or as readable words (a mapping for YAML, Python code)."""

from __future__ import annotations

import json
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np

from data.outcomes import OutcomeTable
from data.problems import refuse
from strategies.blend import Blend
from strategies.protocol import Strategy
from strategies.registry import find

VERSION = 1


class SimulatedWarning(UserWarning):
    """A policy that is loaded was fitted on simulated data: what it learnt was drawn, nothing was asked or answered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FittedOn:
    """What a policy was fitted on. data : the table's fingerprint. name, kind : those of its origin; kind is "" where nobody said."""

    data: str = ""
    name: str = ""
    kind: str = ""

    @classmethod
    def of(cls, table: OutcomeTable) -> FittedOn:
        """Return what is to be said of a policy that was fitted on a table, or on a part of it."""
        return cls(data=table.fingerprint, name=table.origin.name, kind=table.origin.kind)


def save(policy: Strategy, path: str | Path, *, data: str | FittedOn | OutcomeTable = "") -> None:
    """Write a fitted policy.

    data : what it was fitted on, the table itself or what `fitted_on` says of another file: the file then says whether that was
    simulated. A fingerprint alone leaves it unsaid.
    """
    source = FittedOn.of(data) if isinstance(data, OutcomeTable) else FittedOn(data=data) if isinstance(data, str) else data
    header = {"version": VERSION, "id": policy.card.id, "knobs": plain(policy), "seed": policy.seed, **asdict(source)}
    arrays = {f"state.{name}": np.asarray(values) for name, values in policy.state.items()}
    with Path(path).open("wb") as file:
        np.savez_compressed(file, allow_pickle=False, header=np.array(json.dumps(header)), **arrays)


def load_policy(path: str | Path) -> Strategy:
    """Return the policy in a file; ProblemError if it is no policy of this version. Nothing is unpickled.

    Warns with `SimulatedWarning` if it was fitted on simulated data.
    """
    header, state = _read(path)
    source = _source(header)
    if source.kind == "simulated":
        said = f"this policy was fitted on simulated data ({source.name or 'unnamed'}): nothing was asked or answered."
        warnings.warn(said, SimulatedWarning, stacklevel=2)
    return built(header["id"], header["knobs"], seed=header["seed"], state=state)


def fitted_on(path: str | Path) -> FittedOn:
    """Return what the policy in a file was fitted on; ProblemError if it is no policy of this version."""
    return _source(_read(path)[0])


def _source(header: Mapping[str, Any]) -> FittedOn:
    return FittedOn(**{name: str(header.get(name, "")) for name in ("data", "name", "kind")})


def _read(path: str | Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return header and state of a policy file of this version."""
    try:
        with Path(path).open("rb") as file, np.load(file, allow_pickle=False) as kept:
            header: dict[str, Any] = json.loads(str(kept["header"]))
            state = {name.removeprefix("state."): kept[name] for name in kept.files if name.startswith("state.")}
            version, header["id"], header["knobs"] = header["version"], str(header["id"]), dict(header["knobs"])
            header["seed"] = int(header["seed"])
    except (ValueError, KeyError, OSError, EOFError, TypeError, AttributeError, BadZipFile) as error:
        raise refuse(f"this is no policy file ({error}).", "Give a .npz written by strategies.persist.save.", file=str(path)) from error
    if version != VERSION:
        raise refuse(
            f"it was written by version {version}, this is version {VERSION}.",
            "Fit and save the policy again.",
            file=str(path),
        )
    return header, state


def plain(policy: Strategy) -> dict[str, Any]:
    """Return the declared fields as JSON values."""
    return {name: list(value) if isinstance(value, tuple) else value for name, value in policy.settings().items()}


def built(identity: str, knobs: Mapping[str, Any], *, seed: int = 0, state: Mapping[str, Any] | None = None) -> Strategy:
    """Return a policy from its id and plain knobs; unknown knobs are refused by name."""
    kind = find(identity)
    known = kind().settings()
    strange = sorted(set(knobs) - set(known))
    if strange:
        raise refuse(f"{identity} has no field {strange[0]!r}.", f"Fields: {', '.join(known) or 'none'}.", column=strange[0])
    values = {name: tuple(value) if isinstance(value, list) else value for name, value in knobs.items()}
    return kind(seed=seed, state=dict(state or {}), **values)


def python_code(
    policy: Strategy,
    *,
    source: str,
    note: str = "",
    models: Sequence[str] = (),
    relative: Mapping[str, float] | None = None,
    embed: bool = False,
    crossed: bool = False,
    seed: int = 0,
) -> str:
    """Return lines of Python that build, fit and replay this policy on the named data; they print the figures that were shown.

    note : said beside the data. models : those in play and their order, where they or their queries are not all of the table.
    relative : assumed relative prices, where none is known in USD. embed : the prompts were embedded after loading.
    crossed : five-way cross-fitting, `policy` being any fold's. seed : of the split. A mixture prints its expectation, not one draw.
    """
    settings = policy.settings() | ({"seed": policy.seed} if policy.seed else {})
    knobs = ", ".join(f"{name}={_literal(value)}" for name, value in settings.items())
    blend = isinstance(policy, Blend)
    imports = "from strategies import find\n" if blend else "from strategies import find, replay\n"
    said = " ".join(note.split())  # a name from elsewhere stays inside its comment
    steps = [f"table = load({source!r}){f'  # {said}' if said else ''}\n"]
    if embed:
        imports += "from strategies.predictors.embeddings import embedded\n"
        steps.append("table = embedded(table)\n")
    if models:
        costs = "" if relative else "costs=True"
        steps.append(f"table = table.select({list(models)!r}).complete({costs})\n")
    if relative:
        steps.append(f"table = table.relatively_priced({dict(relative)!r})  # assumed\n")
    built_from = f'find("{policy.card.id}")({knobs})'
    tail = _crossed(built_from, seed, blend=blend) if crossed else _split(built_from, seed, blend=blend)
    return f"from data import load\n{imports}\n{''.join(steps)}{tail}"


def _split(built_from: str, seed: int, *, blend: bool) -> str:
    shown = "print(policy.expected(parts.test))\n" if blend else "run = replay(policy, parts.test)\nprint(run.summary())\n"
    return f"parts = table.split(seed={seed})\npolicy = {built_from}.fit(parts.fit)\n{shown}"


def _crossed(built_from: str, seed: int, *, blend: bool) -> str:
    point = "policy.fit(parts.fit).expected(parts.test)" if blend else "replay(policy.fit(parts.fit), parts.test).summary()"
    return (
        f"policy = {built_from}\n"
        f"folds = table.folds(seed={seed})  # cross-fitting: every query is tested once\n"
        f"facts = [{point} for parts in folds]\n"
        'for name in ("quality", "cost_usd"):\n'
        "    total = sum(getattr(fact, name) * len(parts.test) for fact, parts in zip(facts, folds))\n"
        "    print(name, total / len(table))\n"
    )


def described(policy: Strategy, expected: Mapping[str, Any]) -> dict[str, Any]:
    """Return a plain mapping for YAML: the policy, and what is to be expected of it (means with intervals)."""
    return {"strategy": policy.card.id, "rule": policy.card.rule, **plain(policy), "seed": policy.seed, "expected": dict(expected)}


def _literal(value: Any) -> str:
    """Return Python that gives the value back; a float32 threshold by its own shortest digits, which cut at the same place."""
    if isinstance(value, tuple):
        return f"({''.join(f'{_literal(v)}, ' for v in value).rstrip(' ' if len(value) == 1 else ', ')})"
    if isinstance(value, float):
        return str(np.float32(value)) if float(np.float32(value)) == value else f"{value:.12g}"
    return repr(value)
