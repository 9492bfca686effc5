"""What a claim says, and its JSON: plain values, read strictly, nothing executed.

The `seal` is a hash over everything else. It finds slips and edits; it is no signature, since anybody can make a new one: what
speaks for a claim is that its figure can be recomputed.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any, Literal, TypeAlias

from data.problems import refuse
from strategies.claims.strict import LIMIT_BYTES, checked, loaded

FORMAT = 1
MODEL = "model:"  # of a policy that is one of the models
Split: TypeAlias = Literal["test", "calibrate"]
Compared: TypeAlias = Literal["", "difference", "saving", "share"]
Strata: TypeAlias = Literal["", "task"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Data:
    """The table that a figure was measured on, before the models in play were chosen.

    fingerprint : hash of its numbers, texts and cards, recomputed from them, never a stored one. features : name -> hash of what was
    known before any call (embeddings), which the fingerprint leaves out; embedded : they were computed from the prompts by this model.
    files : (name, sha256) of the files that it was read from, where known. history : how it was read and mended, as data.history
    exports it: that can be played on the file again.
    """

    name: str
    kind: str
    fingerprint: str
    queries: int
    features: Mapping[str, str] = field(default_factory=dict)
    embedded: str = ""
    files: tuple[tuple[str, str], ...] = ()
    history: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Basis:
    """What the comparison rested on: models in play, what their cost is counted in, the split's seed and scheme.

    cost_unit : "USD", "share" (of queries sent to the stronger of two models), or "relative" with the weights typed or assumed.
    scheme : "drawn" (40 / 20 / 40, by task), "own" (the file's split column) or "crossed" (five-way cross-fitting).
    best : the best single model by the fit part. assumed : some price is an assumption.
    """

    pool: tuple[str, ...]
    seed: int
    scheme: str
    best: str
    cost_unit: str = "USD"
    weights: Mapping[str, float] = field(default_factory=dict)
    assumed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """A strategy by its id with all its settings, or "model:NAME". fitted_on : the part of the split it learnt from, "" of a model.

    state : a hash of what was learnt, for each split.
    """

    id: str
    knobs: Mapping[str, Any] = field(default_factory=dict)
    seed: int = 0
    fitted_on: str = ""
    state: tuple[str, ...] = ()

    @property
    def model(self) -> str:
        """The model's name, "" for a strategy."""
        return self.id.removeprefix(MODEL) if self.id.startswith(MODEL) else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stated:
    """A two-sided interval: ends, level, how it was made, with how many resamples (0 = none drawn), which seed, within which strata."""

    low: float
    high: float
    level: float
    method: str
    resamples: int
    seed: int
    strata: Strata = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Signal:
    """The confidence signal that a figure is of; the policy is the model that it judges. asked : who is asked next where it is low."""

    name: str
    asked: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """One figure. metric : id in strategies.metrics.declared, with its options.

    compared : "difference" (the policy's figure less that of `against`), "share" (their ratio), "saving" (1 less it), "" without `against`.
    curve : of a metric of a curve, the knob that is swept, or "envelope" for all of them together; "" for a metric of one setting.
    split : the part shown. value, interval : full precision. n : queries shown. shown : a hash of these queries, in order, and of what
    the policies made of each: two settings may have the same mean. simulated : nothing was asked, or a judge was
    simulated. version : of RouteScope that measured it. signal : of a metric of a confidence signal.
    scenario : what is assumed, as a link says it (strategies.whatif.scenario). These two fields are there only where they say something.
    """

    version: str
    data: Data
    basis: Basis
    policy: Policy
    metric: str
    value: float
    n: int
    unit: str
    shown: str
    split: Split = "test"
    options: Mapping[str, Any] = field(default_factory=dict)
    against: Policy | None = None
    compared: Compared = ""
    curve: str = ""
    interval: Stated | None = None
    simulated: bool = False
    signal: Signal | None = None
    scenario: str = ""
    seal: str = ""

    def sealed(self) -> str:
        """Return the seal that fits what this claim says, 32 hex digits."""
        whole = asdict(self)
        said = {name: whole[name] for name in self._written() if name != "seal"}
        plain = json.dumps(said, sort_keys=True, ensure_ascii=True, allow_nan=False)
        return hashlib.blake2b(plain.encode(), digest_size=16).hexdigest()

    def to_json(self) -> str:
        """Return the claim as JSON text, the same text for the same claim; floats in full precision."""
        said = {"routescope_claim": FORMAT} | {name: getattr(self, name) for name in self._written()}
        plain = {name: asdict(value) if hasattr(value, "__dataclass_fields__") else value for name, value in said.items()}
        return json.dumps(plain, ensure_ascii=False, indent=1, allow_nan=False) + "\n"

    def _written(self) -> list[str]:
        """Return the fields that are written: a claim without signal or scenario is as it was before there were any, its seal too."""
        return [each.name for each in fields(self) if each.name not in {"signal", "scenario"} or getattr(self, each.name)]

    @classmethod
    def from_json(cls, text: str) -> Claim:
        """Return the claim in a text; ProblemError for anything else, unknown fields and values of another type by name."""
        whole = loaded(text)
        if whole.pop("routescope_claim", None) != FORMAT:
            raise refuse(f"this is no claim of format {FORMAT}.", "Give a file that was saved with 'Claim'.", column="routescope_claim")
        made: Claim = checked(cls, whole, "")
        return made

    @classmethod
    def read(cls, path: str | Path) -> Claim:
        """Return the claim in a file; ProblemError as for `from_json`, and where the file can't be read."""
        place = Path(path)
        try:
            if place.stat().st_size > LIMIT_BYTES:
                raise refuse("the file is too large for a claim.", "Give the file that was saved with 'Claim'.", file=str(path))
            text = place.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise refuse(f"the claim can't be read ({error}).", "Give the file that was saved with 'Claim'.", file=str(path)) from None
        return cls.from_json(text)
