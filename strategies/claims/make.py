"""Making a claim: a figure is measured, and what it rests on is written beside it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import numpy as np

from data.history import export
from data.outcomes import OutcomeTable
from data.problems import refuse
from data.splits import has_own
from strategies.claims.found import found as measured
from strategies.claims.measured import Resampling
from strategies.claims.sides import Side
from strategies.claims.values import MODEL, Basis, Claim, Compared, Data, Policy, Signal, Split
from strategies.persist import plain
from strategies.predictors.embeddings import MODEL as EMBEDDER
from strategies.protocol import Kept
from strategies.study.curves import Fitted
from strategies.study.prepare import Study

FIT = "fit"


def claim(
    study: Study,
    who: Fitted | str,
    metric: str,
    *,
    options: Mapping[str, Any] | None = None,
    against: Fitted | str | None = None,
    compared: Compared = "",
    curve: str = "",
    split: Split = "test",
    draw: Resampling | None = None,
    files: Sequence[tuple[str, str]] = (),
    embedded: bool = False,
    signal: Signal | None = None,
    scenario: str = "",
) -> Claim:
    """Return a figure as a claim. who, against : a fitted strategy, or one of the models by name.

    metric, options : of strategies.metrics.declared. compared : "difference", "share" or "saving" against another policy. curve : the knob
    that is swept, or "envelope", for a metric of a curve. draw : of the interval, by default that of the cards. files : (name,
    sha256) that the set came from. embedded : its embeddings were computed from the prompts here, not recorded with it. signal : of a
    metric of a confidence signal; `who` is the model that it judges. scenario : what is assumed, as a link says it.
    Raises ProblemError for a figure that is not known, that nobody can recompute, or an unknown metric or model.
    """
    sides = [Side(study, _mine(study, each), split) for each in (who, against) if each is not None]
    other = sides[1] if against is not None else None
    found = measured(
        sides[0], metric, signal=signal, scenario=scenario, options=options, against=other, compared=compared, swept=curve, draw=draw
    )
    policies = [policy_of(side.who) for side in sides]
    made = Claim(
        version=current(), data=data_of(study.whole, files, embedded=embedded), basis=basis_of(study), policy=policies[0], metric=metric,
        options=_plain(options or {}), value=found.value, n=found.n, unit=found.unit, shown=found.shown, split=split,
        against=policies[1] if against is not None else None, compared=compared, curve=curve, interval=found.interval,
        simulated=simulated(study, [side.who for side in sides]), signal=signal, scenario=scenario,
    )  # fmt: skip
    return sealed(made)


def sealed(made: Claim) -> Claim:
    """Return the claim with the seal that fits it; ProblemError where a setting is no number that a file can hold."""
    try:
        return replace(made, seal=made.sealed())
    except ValueError:
        raise refuse("a setting of this policy is infinite, which a claim can't hold.", "Move it off its end.") from None


def current() -> str:
    """Return the version of RouteScope, "unknown" where it is not installed."""
    try:
        return version("routescope")
    except PackageNotFoundError:
        return "unknown"


def fresh(table: OutcomeTable) -> OutcomeTable:
    """Return the table with its fingerprint computed anew: a stored one says nothing about what is in the file now."""
    return replace(table, stored_fingerprint="")


def data_of(table: OutcomeTable, files: Sequence[tuple[str, str]] = (), *, embedded: bool = False) -> Data:
    """Return what a claim says of the whole table."""
    return Data(
        name=table.origin.name, kind=table.origin.kind, fingerprint=fresh(table).fingerprint, queries=len(table), features=digests(table),
        embedded=EMBEDDER if embedded and "embedding" in table.features else "", files=tuple((str(n), str(h)) for n, h in files),
        history=tuple(json.loads(export(table))["lines"]),
    )  # fmt: skip


def digests(table: OutcomeTable) -> dict[str, str]:
    """Return feature -> hash of its values and shape, 16 hex digits: what the fingerprint of a table leaves out."""
    found = {}
    for name, values in sorted(table.features.items(), key=lambda each: each[0]):
        state = hashlib.blake2b(f"{values.shape}".encode(), digest_size=8)
        state.update(np.ascontiguousarray(values).tobytes())
        found[name] = state.hexdigest()
    return found


def basis_of(study: Study) -> Basis:
    """Return what a claim says of the study."""
    table = study.table
    weights = {card.name: float(card.relative_price) for card in table.cards} if table.cost_unit == "relative" else {}
    scheme = "crossed" if study.crossed else "own" if has_own(table) else "drawn"
    return Basis(
        pool=study.pool, seed=study.seed, scheme=scheme, best=study.best, cost_unit=table.cost_unit, weights=weights, assumed=study.assumed
    )  # fmt: skip


def policy_of(who: Fitted | str) -> Policy:
    """Return what a claim says of a policy: all of its settings, and a hash of what each split's fit learnt."""
    if isinstance(who, str):
        return Policy(id=f"{MODEL}{who}")
    state = tuple(each.state.digest if isinstance(each.state, Kept) else Kept(each.state).digest for each in who.policies)
    return Policy(id=who.policy.card.id, knobs=_plain(plain(who.policy)), seed=who.policy.seed, fitted_on=FIT, state=state)


def simulated(study: Study, who: Sequence[Fitted | str]) -> bool:
    """Whether nobody was asked: a simulated set, or a policy that stands on a simulated judge."""
    return study.whole.origin.kind == "simulated" or any(isinstance(each, Fitted) and each.policy.card.judged for each in who)


def _mine(study: Study, who: Fitted | str) -> Fitted | str:
    if isinstance(who, Fitted):
        if who.study is not study and who.study.key != study.key:
            raise refuse("the policy was fitted on another study.", "Fit it on the study that the figure is of.")
        return who
    study.table.index(who)  # refuses a name that is none
    return who


def _plain(value: Any) -> Any:
    """Return a value as JSON has it: NumPy's numbers as numbers, tuples as lists."""
    if isinstance(value, Mapping):
        return {str(name): _plain(each) for name, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(each) for each in value]
    return value.item() if isinstance(value, np.generic) else value
