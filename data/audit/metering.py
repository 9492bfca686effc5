"""What the checks of tokens, costs and times share: how numbers were rounded, one model's bills, the price that they follow."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from data.audit.base import Choice, Finding
from data.models import ModelCard
from data.outcomes import OutcomeTable
from data.texts import Texts

Doubles: TypeAlias = NDArray[np.float64]
Ints: TypeAlias = NDArray[np.int64]
Bools: TypeAlias = NDArray[np.bool_]

FLOAT32 = 2e-7  # a float32 keeps 24 bits: half a unit in the last place is 6e-8 of the value
SAMPLED = 2_000
UNITS = ("words", "characters", "bytes")
_STEP_SAMPLED = 20_000
_ABSURD = 1e9  # no call has so many tokens, or costs so much: a sentinel, and another check's business
_TIERS = ("recorded", "list", "typed")
_FITS_SHARE = 0.95
_FITS_LEAST = 20
_STARTS = 64
_KEPT, _STEPS = 0.9, 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """USD per token: `usd_in`, `usd_out`, `usd_cached` (NaN = not known); `usd_call` per call. own : inferred from the costs themselves."""

    usd_in: float
    usd_out: float
    usd_cached: float = np.nan
    usd_call: float = 0.0
    own: bool = False

    @property
    def words(self) -> str:
        """The price as people write it, per million tokens."""
        call = f" and {self.usd_call:.3g} USD a call" if self.usd_call else ""
        return f"{self.usd_in * 1e6:.4g} / {self.usd_out * 1e6:.4g} USD per million tokens in / out{call}"


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Bill:
    """The k calls of one model whose cost (above zero) and tokens are known.

    rows : (k,) positions in the table. cost, tokens_in, tokens_out, reasoning, cached : (k,), the last two 0 where not recorded.
    tolerance : (k,) USD by which a right cost may be off because it was rounded when recorded.
    """

    rows: Ints
    cost: Doubles
    tokens_in: Doubles
    tokens_out: Doubles
    reasoning: Doubles
    cached: Doubles
    tolerance: Doubles

    def plain(self, price: Price) -> Doubles:
        """Return (k,) cost in USD if every token is billed once, at the price of its kind; cached ones like the others."""
        return self.tokens_in * price.usd_in + self.tokens_out * price.usd_out + price.usd_call


def step_of(values: NDArray[Any]) -> float:
    """Return the step to which recorded numbers were rounded: the power of ten of which 95 % are multiples; 0.0 = none seen."""
    known = np.asarray(values, dtype=np.float64)
    known = known[np.isfinite(known) & (known != 0)]
    known = known[:: max(1, len(known) // _STEP_SAMPLED)]
    for decimals in range(10 if len(known) else 0):
        step = 10.0**-decimals
        off = np.abs(known - np.round(known / step) * step)
        if float(np.mean(off <= FLOAT32 * np.abs(known))) >= _FITS_SHARE:
            return step
    return 0.0


def bill_of(table: OutcomeTable, model: int) -> Bill:
    """Return the calls of one model that can be checked against a price; costs of zero and below are other checks' business."""
    cost, tokens_in, tokens_out = (table.column(name, model) for name in ("cost_usd", "tokens_in", "tokens_out"))
    sane = (cost > 0) & (cost < _ABSURD) & (tokens_in >= 0) & (tokens_in < _ABSURD) & (tokens_out >= 0) & (tokens_out < _ABSURD)
    for name in ("tokens_reasoning", "tokens_cached"):
        sane &= ~(table.column(name, model) >= _ABSURD)
    rows = np.flatnonzero(sane) if table.cost_unit == "USD" else np.array([], dtype=np.int64)
    paid = cost[rows].astype(np.float64)
    step = step_of(paid * _draws(table, model, rows))
    return Bill(
        rows=rows,
        cost=paid,
        tokens_in=tokens_in[rows].astype(np.float64),
        tokens_out=tokens_out[rows].astype(np.float64),
        reasoning=filled(table, "tokens_reasoning", model, rows),
        cached=filled(table, "tokens_cached", model, rows),
        tolerance=1.01 * step + 1e-6 * paid,  # a whole step: some programs cut instead of rounding
    )


def filled(table: OutcomeTable, name: str, model: int, rows: Ints) -> Doubles:
    """Return (k,) one column at some rows with 0 where nothing, or nothing that can be, was recorded."""
    return np.maximum(np.nan_to_num(table.column(name, model)[rows].astype(np.float64)), 0.0)


def _draws(table: OutcomeTable, model: int, rows: Ints) -> Doubles:
    """Return (k,) how many samples a cell is the mean of: a mean has more decimals than what it was made of."""
    if table.samples is None:
        return np.ones(len(rows))
    count = np.bincount(table.samples.query[table.samples.model == model], minlength=len(table))
    return np.maximum(count[rows], 1).astype(np.float64)


def card_price(card: ModelCard) -> Price | None:
    """Return the price per token that a card states, or None where it is assumed, flat, or not known."""
    if card.tier not in _TIERS or np.isnan(card.price_in_usd_per_mtok) or np.isnan(card.price_out_usd_per_mtok):
        return None
    return Price(usd_in=card.price_in_usd_per_mtok * 1e-6, usd_out=card.price_out_usd_per_mtok * 1e-6)


def own_price(bill: Bill, name: str = "") -> Price | None:
    """Return the price which at least 95 % of a model's costs follow to their rounding, or None.

    Tried are tokens in and out, with a price for cached ones, with a fee a call, with reasoning left out, or added.
    name : the model's, to look up what its maker asks for cached tokens where the costs don't tell.
    """
    if len(bill.rows) < _FITS_LEAST or not (bill.tokens_in.any() or bill.tokens_out.any()):
        return None
    for design, kind in _designs(bill):
        found = exact_fit(design, bill.cost, bill.tolerance)
        if found is not None and float(found[:2].min()) >= -1e-12:
            usd_in, usd_out = max(float(found[0]), 0.0), max(float(found[1]), 0.0)
            cached = usd_in + float(found[2]) if kind == "cached" else np.nan
            cached = np.nan if cached < 0.01 * usd_in else cached  # costs nothing: they were left out, not sold for nothing
            price = Price(usd_in=usd_in, usd_out=usd_out, usd_cached=cached, usd_call=float(found[2]) if kind == "call" else 0.0, own=True)
            return price if kind == "cached" else with_cached(price, bill, name)
    return None


def _designs(bill: Bill) -> Iterator[tuple[Doubles, str]]:
    inside, out = bill.tokens_in, bill.tokens_out
    yield np.column_stack([inside, out]), ""
    if bill.cached.any():
        yield np.column_stack([inside, out, bill.cached]), "cached"
    if bill.reasoning.any():
        yield np.column_stack([inside, out - bill.reasoning]), ""
        yield np.column_stack([inside, out + bill.reasoning]), ""
        if bill.cached.any():
            yield np.column_stack([inside, out - bill.reasoning, bill.cached]), "cached"
            yield np.column_stack([inside, out + bill.reasoning, bill.cached]), "cached"
    yield np.column_stack([inside, out, np.ones(len(out))]), "call"


def with_cached(price: Price, bill: Bill, name: str) -> Price:
    """Return the price with that of cached tokens as the price list has it, in proportion; as it was where the list doesn't tell."""
    if not bill.cached.any() or not name:
        return price
    from dataclasses import replace

    from data.prices import cached_share

    return replace(price, usd_cached=price.usd_in * cached_share(name))


def exact_fit(design: Doubles, target: Doubles, tolerance: Doubles) -> Doubles | None:
    """Return the (p,) coefficients with which design @ p meets 95 % of the targets within their tolerance, or None.

    Least squares from many starts, each refined on the nine tenths that it meets best, so that a few wrong rows don't bend it.
    design : (k, p). target, tolerance : (k,).
    """
    at = np.arange(0, len(target), max(1, len(target) // SAMPLED))
    scale = np.maximum(np.abs(design).max(axis=0), 1e-300)
    part, wanted, room = design[at] / scale, target[at], np.maximum(tolerance[at], 1e-300)
    starts = [np.linalg.lstsq(part, wanted, rcond=None)[0], _best_start(part, wanted, room)]
    fitted = [_refined(part, wanted, room, start) for start in starts]
    best = max(fitted, key=lambda each: _met(part, wanted, room, each)) / scale
    return best if _met(design, target, tolerance, best) >= _FITS_SHARE else None


def _met(design: Doubles, target: Doubles, tolerance: Doubles, found: Doubles) -> float:
    return float(np.mean(np.abs(design @ found - target) <= tolerance)) if len(target) else 0.0


def _best_start(design: Doubles, target: Doubles, tolerance: Doubles) -> Doubles:
    """Return the exact solution of few random rows that meets the most others."""
    k, p = design.shape
    picks = np.random.default_rng(0).integers(0, k, size=(_STARTS, p))
    found = np.einsum("spq,sq->sp", np.linalg.pinv(design[picks]), target[picks])
    met = np.abs(found @ design.T - target) <= tolerance
    return np.asarray(found[int(met.sum(axis=1).argmax())], dtype=np.float64)


def _refined(design: Doubles, target: Doubles, tolerance: Doubles, found: Doubles) -> Doubles:
    best, most = found, _met(design, target, tolerance, found)
    for _ in range(_STEPS):
        off = np.abs(design @ found - target) / tolerance
        keep = off <= max(1.0, float(np.quantile(off, _KEPT)))
        found = np.asarray(np.linalg.lstsq(design[keep], target[keep], rcond=None)[0], dtype=np.float64)
        met = _met(design, target, tolerance, found)
        if met > most:
            best, most = found, met
    return best


RIGHT, REASONING_LEFT_OUT, CACHED_FREE, CACHED_IN_FULL, OTHER = range(5)


def kinds(bill: Bill, price: Price) -> NDArray[np.int8]:
    """Return (k,) how each cost comes about under a price: one of RIGHT, REASONING_LEFT_OUT, CACHED_FREE, CACHED_IN_FULL, OTHER.

    A cost that bills reasoning or cached tokens beside those in and out is RIGHT: then the token columns leave them out.
    """
    full = bill.plain(price)
    thought, stored = bill.reasoning * price.usd_out, bill.cached * price.usd_in
    discount = bill.cached * (price.usd_in - price.usd_cached)
    met: list[tuple[int, Doubles]] = [(RIGHT, full), (RIGHT, full - discount)]
    met += [(REASONING_LEFT_OUT, full - thought), (REASONING_LEFT_OUT, full - thought - discount), (CACHED_FREE, full - stored)]
    met += [(REASONING_LEFT_OUT, full - thought - stored), (RIGHT, full + thought), (RIGHT, full + thought - discount)]
    met += [(RIGHT, full + bill.cached * price.usd_cached), (RIGHT, full + stored)]
    kind = np.full(len(full), OTHER, dtype=np.int8)
    for code, expected in met:
        kind[(kind == OTHER) & (np.abs(bill.cost - expected) <= bill.tolerance)] = code
    plain = np.abs(bill.cost - full) <= bill.tolerance
    kind[plain & (discount > 2 * bill.tolerance)] = CACHED_IN_FULL
    if np.isnan(price.usd_cached):  # some discount, not known which
        kind[(kind == OTHER) & (bill.cost < full) & (bill.cost > full - stored)] = RIGHT
    return kind


def price_followed(bill: Bill, card: ModelCard) -> Price | None:
    """Return the card's price where half of the costs follow it, else the price that the costs follow by themselves, or None."""
    stated = card_price(card)
    if stated is not None and len(bill.rows):
        stated = with_cached(stated, bill, card.name)
        if float(np.mean(kinds(bill, stated) != OTHER)) >= 0.5:
            return stated
    return own_price(bill, card.name)


def cells(table: OutcomeTable, wrong: Bools) -> dict[str, Any]:
    """Return `rows` and `models` of a finding from (n, M) booleans."""
    return {
        "rows": np.flatnonzero(wrong.any(axis=1)),
        "models": tuple(table.models[m] for m in np.flatnonzero(wrong.any(axis=0))),
    }


def choices(table: OutcomeTable, wrong: Bools, *, keep: str, repair: str = "") -> dict[Choice, str]:
    """Return the choices in the order repair, exclude, keep; exclude only where it leaves something."""
    offered: dict[Choice, str] = {"repair": repair} if repair else {}
    if 0 < int(wrong.any(axis=1).sum()) < len(table):
        offered["exclude"] = "leave these queries out for all models"
    return {**offered, "keep": keep}


def nowhere(table: OutcomeTable) -> Bools:
    """Return (n, M) False."""
    return np.zeros((len(table), len(table.models)), dtype=np.bool_)


def at_cells(table: OutcomeTable, finding: Finding) -> Bools:
    """Return (n, M) whether a cell is in one of the finding's rows and of one of its models."""
    mask = nowhere(table)
    at = [table.index(model) for model in finding.models if model in table.models]
    mask[np.ix_(finding.rows, np.array(at, dtype=np.int64))] = True
    return mask


def unknown_at(table: OutcomeTable, wrong: Bools, *fields: str) -> Mapping[str, NDArray[np.float32]]:
    """Return the given fields with NaN in some cells, for `with_cells`."""
    return {name: np.where(wrong, np.float32(np.nan), table.numbers[name]) for name in fields if name in table.numbers}


def times(recorded: float, right: float) -> str:
    """Return by how much a figure is too low or too high: `understated x 5.3`, `overstated by 3.1%`."""
    side = "understated" if right >= recorded else "overstated"
    low, high = sorted((recorded, right))
    if low <= 0 or high / low >= 1.2:
        ratio = high / low if low > 0 else np.inf
        return f"{side} x {ratio:,.0f}" if ratio >= 100 else f"{side} x {ratio:.1f}"
    return f"{side} by {high / low - 1:.1%}"


def length_of(texts: Texts, unit: str) -> Doubles:
    """Return (n,) how long texts are in `unit` (words, characters, bytes), NaN where a text is missing."""
    import pyarrow.compute as pc

    array = texts.arrow()
    if unit == "words":
        count = pc.count_substring_regex(array, r"\S+")
    else:
        count = pc.utf8_length(array) if unit == "characters" else pc.binary_length(array)
    return np.asarray(count.to_numpy(zero_copy_only=False), dtype=np.float64)


def lengths(texts: Texts | None, rows: Ints) -> dict[str, Doubles]:
    """Return unit -> (k,) how long texts are at some rows; empty where a text or all of them are missing."""
    if texts is None or not len(rows):
        return {}
    part = texts.take(rows)
    return {} if part.arrow().null_count else {unit: length_of(part, unit) for unit in UNITS}


def sampled(rows: Ints) -> Ints:
    """Return at most about two thousand of some rows, evenly spread: enough to know whether all need looking at."""
    return rows[:: max(1, len(rows) // SAMPLED)]
