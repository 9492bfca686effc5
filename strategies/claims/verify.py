"""Recomputing a claim from a file: read and mended as the claim says, split alike, fitted anew, replayed, resampled alike."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, TypeAlias

from data.history import parsed, replay
from data.load import Source, opened, uploads
from data.outcomes import OutcomeTable
from data.problems import ProblemError, listed, refuse
from strategies.claims import make
from strategies.claims.found import found as measured
from strategies.claims.measured import Figure, Resampling
from strategies.claims.sides import Side
from strategies.claims.values import Claim, Data, Policy
from strategies.persist import built
from strategies.predictors.embeddings import MODEL as EMBEDDER
from strategies.study.curves import Fitted, fitted
from strategies.study.prepare import Study, prepare

Outcome: TypeAlias = Literal["equal", "differs", "unjudged"]
Embed: TypeAlias = Callable[[OutcomeTable], OutcomeTable]
TOLERANCE = 1e-9  # relative
_UNEXPLAINED = "Neither the data nor the version explains it: a figure, a setting or a seed of the claim is not what it was."
CODES: dict[Outcome, int] = {"equal": 0, "differs": 1, "unjudged": 2}


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing that the claim says, and what it is here. decides : a difference makes the claim differ; else it only may explain one."""

    name: str
    claimed: Any
    found: Any
    same: bool
    decides: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What came out. value : recomputed, NaN where it could not be. reasons : for a difference, or why none was judged."""

    outcome: Outcome
    claimed: float
    value: float
    checks: tuple[Check, ...] = ()
    reasons: tuple[str, ...] = ()

    @property
    def difference(self) -> float:
        """Recomputed less claimed."""
        return self.value - self.claimed

    @property
    def code(self) -> int:
        """The command's exit code: 0 equal, 1 differs, 2 not judged."""
        return CODES[self.outcome]


def verify(claim: Claim, source: Source, *, embed: Embed | None = None) -> Verdict:
    """Return whether a claim is what the source gives: files (read and mended by the claim's history), a folder, or a set's name.

    Equal: to 1e-9 relative in the figure and both ends of its interval, exactly in everything that is counted, and the seal fits.
    embed : how prompts are embedded where the claim's set was; by default with the model that the project embeds with.
    What cannot be judged (unreadable data, an unknown metric or strategy) is an outcome with its reasons, never an exception.
    """
    try:
        table = _table(claim, source)
        table, computed = _embedded(claim, table, embed)
        study = prepare(table, pool=claim.basis.pool, weights=claim.basis.weights, seed=claim.basis.seed)
        who, against = _side(claim, study, claim.policy), None if claim.against is None else _side(claim, study, claim.against)
        found = _measured(claim, who, against)
    except ProblemError as error:
        return Verdict(outcome="unjudged", claimed=claim.value, value=math.nan, reasons=tuple(str(each) for each in error.problems))
    checks = (*_figures(claim, found), *_setting(claim, table, study, [who, against], computed=computed), *_seal(claim))
    differs = any(not check.same and check.decides for check in checks)
    reasons = (tuple(_reasons(claim, checks, source)) or (_UNEXPLAINED,)) if differs else ()
    return Verdict(outcome="differs" if differs else "equal", claimed=claim.value, value=found.value, checks=checks, reasons=reasons)


def _table(claim: Claim, source: Source) -> OutcomeTable:
    """Return the table of the source as the claim has it; a stored table that is the claimed one is taken as it stands."""
    found = opened(source)
    if isinstance(found, OutcomeTable):
        found = make.fresh(found)
        if found.fingerprint == claim.data.fingerprint:
            return found
    return make.fresh(replay(_history(claim.data), found).table)


def _history(data: Data) -> Any:
    import json

    whole = {"routescope_history": 1, "name": data.name, "fingerprint": data.fingerprint, "lines": list(data.history)}
    return parsed(json.dumps(whole))


def _embedded(claim: Claim, table: OutcomeTable, embed: Embed | None) -> tuple[OutcomeTable, bool]:
    """Return the table with the embeddings that the claim's set had, and whether they were computed here."""
    if not claim.data.embedded or "embedding" in table.features:
        return table, False
    if embed is None and claim.data.embedded != EMBEDDER:
        raise refuse(
            f"the prompts were embedded by {claim.data.embedded}, which this version does not use.", "Use the version of the claim."
        )
    return (embed or _usual)(table), True


def _usual(table: OutcomeTable) -> OutcomeTable:
    from data.stores.home import home
    from strategies.predictors.embeddings import VectorCache, embedded

    return embedded(table, cache=VectorCache(home() / "embeddings.sqlite"))


def _side(claim: Claim, study: Study, said: Policy) -> Side:
    if said.model:
        study.table.index(said.model)
        return Side(study, said.model, claim.split)
    if said.fitted_on != make.FIT:
        raise refuse(
            f"the policy was fitted on {said.fitted_on!r}.", "Only policies fitted on the fit part can be recomputed.", column="fitted_on"
        )
    policy = built(said.id, said.knobs, seed=said.seed)
    lacks = policy.missing(study.table)
    if lacks:
        raise refuse(f"{said.id} cannot run on this data: {lacks}", "Give the data that the claim was made on.")
    return Side(study, _settled(fitted(study, policy), said), claim.split)


def _settled(fit: Fitted, said: Policy) -> Fitted:
    """Return the fit with the claim's settings, should fitting have chosen others."""
    policies = tuple(replace(built(said.id, said.knobs, seed=said.seed), state=policy.state) for policy in fit.policies)
    return replace(fit, policies=policies)


def _measured(claim: Claim, one: Side, against: Side | None) -> Figure:
    stated = claim.interval
    draw = None if stated is None else Resampling(level=stated.level, resamples=stated.resamples, seed=stated.seed, strata=stated.strata)
    return measured(
        one, claim.metric, signal=claim.signal, scenario=claim.scenario, options=claim.options, against=against, compared=claim.compared,
        swept=claim.curve, draw=draw,
    )  # fmt: skip


def _figures(claim: Claim, found: Figure) -> Iterator[Check]:
    yield _near("value", claim.value, found.value)
    a, b = claim.interval, found.interval
    if a is None or b is None:
        yield _same("interval", None if a is None else [a.low, a.high], None if b is None else [b.low, b.high])
    else:
        yield _near("interval, low", a.low, b.low)
        yield _near("interval, high", a.high, b.high)
        yield _same("interval, method", a.method, b.method)
    yield _same("queries shown", claim.n, found.n)
    yield _same("decisions (hash)", claim.shown, found.shown)
    yield _same("unit", claim.unit, found.unit)


def _setting(claim: Claim, table: OutcomeTable, study: Study, sides: Sequence[Side | None], *, computed: bool) -> Iterator[Check]:
    data, basis = claim.data, make.basis_of(study)
    yield _same("data (fingerprint)", data.fingerprint, table.fingerprint)
    yield _same("queries of the data", data.queries, len(table))
    yield Check(name="kind of data", claimed=data.kind, found=table.origin.kind, same=data.kind == table.origin.kind, decides=False)
    here = make.digests(table)
    for name, digest in data.features.items():
        decides = not (computed and name == "embedding")  # computed anew, they may differ in the last digit
        yield Check(name=f"feature {name}", claimed=digest, found=here.get(name, ""), same=here.get(name) == digest, decides=decides)
    yield from (_same(title, getattr(claim.basis, name), getattr(basis, name)) for name, title in _BASIS.items())
    there = [side for side in sides if side is not None]
    yield _same("simulated", claim.simulated, make.simulated(study, [side.who for side in there]) or data.kind == "simulated")
    for said, side in zip([claim.policy, claim.against], sides, strict=False):
        if said is not None and side is not None:
            now = make.policy_of(side.who).state
            yield Check(name=f"what {said.id} learnt", claimed=list(said.state), found=list(now), same=said.state == now, decides=False)
    yield Check(name="version", claimed=claim.version, found=make.current(), same=claim.version == make.current(), decides=False)


_BASIS = {
    "pool": "models in play",
    "cost_unit": "unit of cost",
    "scheme": "split",
    "best": "best single model",
    "assumed": "assumed prices",
}


def _seal(claim: Claim) -> Iterator[Check]:
    yield _same("seal", claim.seal, claim.sealed())


def _same(name: str, claimed: Any, found: Any) -> Check:
    return Check(name=name, claimed=claimed, found=found, same=claimed == found)


def _near(name: str, claimed: float, found: float) -> Check:
    return Check(name=name, claimed=claimed, found=found, same=math.isclose(claimed, found, rel_tol=TOLERANCE, abs_tol=1e-12))


def _reasons(claim: Claim, checks: Sequence[Check], source: Source) -> Iterator[str]:
    wrong = {check.name for check in checks if not check.same}
    if "seal" in wrong:
        yield "The claim was changed after it was written: its seal does not fit what it says."
    if wrong & {"data (fingerprint)", "queries of the data"}:
        yield _other_data(claim.data, source)
    features = [name.removeprefix("feature ") for name in wrong if name.startswith("feature ")]
    if features:
        yield f"Other data: what is known before any call differs ({listed(sorted(features))})."
    if wrong & set(_BASIS.values()):
        yield "Another basis: the models in play, the split or the prices are not those of the claim."
    if any(name.startswith("what ") for name in wrong):
        yield "Fitting learnt something else: from other data, with another seed or another version of a library."
    if "version" in wrong:
        yield f"Another version: the claim is of {claim.version}, this is {make.current()}."


def _other_data(data: Data, source: Source) -> str:
    said = f"Other data: the table is not {data.name!r} of the claim"
    known = {sha256 for _, sha256 in data.files}
    try:
        here = {hashlib.sha256(each.data).hexdigest() for each in uploads(source)} if known else set()
    except ProblemError:
        return f"{said}."
    if not here:
        return f"{said}."
    return f"{said}; " + ("its files are the same, so they were read otherwise." if here == known else "its files are others, too.")
