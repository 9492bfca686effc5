"""Assignments of a batch of queries to models under one limit: one model for all, first come first served, and the exact optimum.

Source: arXiv 2308.06077 (FORC) and its released code. All take (n, M) expectations, NaN = no choice, and return (n,) models.
Every query is answered: who cannot be paid for gets the choice of least weight.
"""

from __future__ import annotations

import numpy as np

from strategies.predictors.upgrades import climb
from strategies.protocol import Bools, Doubles, Ints

MOST_EXACT = 2000  # queries of one integer program
NODES = 10_000  # of one program's search tree; then the best found so far counts: a limit in seconds would not repeat itself
_SAME = 1e-9
_FEASIBLE = 1e-6  # what the solver takes for no violation, of the widest weight
_SWAPS = 8


def one_for_all(quality: Doubles, cost: Doubles, *, budget: float = np.inf, floor: float = -np.inf) -> Ints:
    """Return the best model by mean quality whose mean cost keeps the budget; with a floor the cheapest that reaches it.

    If none does: the cheapest of all, or with a floor the best of all.
    """
    known = ~(np.isnan(quality) | np.isnan(cost))
    count = known.sum(axis=0)
    there = count > 0
    q, c = (np.where(known, values, 0.0).sum(axis=0) / np.maximum(count, 1) for values in (quality, cost))
    fits = there & (c <= budget * (1 + _SAME)) & (q >= floor * (1 - _SAME))
    if not fits.any():
        chosen = _first(c if floor == -np.inf else -q, q if floor == -np.inf else c, there)
    else:
        chosen = _first(-q, c, fits) if floor == -np.inf else _first(c, -q, fits)
    return np.full(len(quality), chosen, dtype=np.intp)


def likeliest(quality: Doubles, cost: Doubles) -> Ints:
    """Return each query's best model, the cheapest among equals."""
    up = climb(quality, cost)
    return up.models(len(up.row))


def first_come(quality: Doubles, cost: Doubles, *, budget: float = np.inf, floor: float = np.inf) -> Ints:
    """Return each query's best model in the order of the queries: as long as the mean budget pays it, or until the floor is reached.

    The others get their cheapest, whose cost is kept back for them. As in the released code, a query that is too dear is passed
    over and those behind it still have their turn.
    """
    up = climb(quality, cost)
    chosen, best, rows = up.start.copy(), up.models(len(up.row)), np.arange(len(quality))
    extra = cost[rows, best] - cost[rows, chosen]
    gain = quality[rows, best] - quality[rows, chosen]
    left, lacking = (budget - up.first[0]) * up.known + _SAME * abs(budget), (floor - up.first[1]) * up.known
    for row in np.flatnonzero(gain > 0).tolist():
        if lacking <= _SAME:
            break
        if extra[row] <= left:
            left, lacking = left - extra[row], lacking - gain[row]
            chosen[row] = best[row]
    return chosen


def most(gain: Doubles, weight: Doubles, limit: float) -> Ints:
    """Return the assignment of most total gain whose total weight keeps the limit, exactly: an integer program, solved by HiGHS.

    Where even the least weights break the limit, those. First the linear program, which the upgrades solve, says which choices can
    be part of an optimum at all (its bound less what a choice gives away must exceed the best found); mostly few are left.
    """
    known = ~(np.isnan(gain) | np.isnan(weight))
    gain, weight = np.where(known, gain, np.nan), np.where(known, weight, np.nan)
    up = climb(gain, weight)
    spent = up.spent * up.known
    slack = _SAME * max(abs(limit), float(np.abs(spent).max()))
    bought = int(np.searchsorted(spent, limit + slack, side="right")) - 1
    if bought < 0 or bought == len(up.row):
        return up.models(max(bought, 0))
    price = float(up.efficiency[bought])
    bound = up.reached[bought] * up.known + price * (limit - spent[bought])
    found = _filled(up.models(bought), gain, weight, limit + slack)
    best = float(np.nansum(gain[np.arange(len(gain)), found]))
    worth = gain - price * weight
    gives_away = np.fmax.reduce(worth, axis=1, keepdims=True) - worth  # a choice that is not known is never open
    same = _SAME * max(abs(bound), 1.0)
    open_ = gives_away <= bound - best + same
    return _solved(gain, weight, limit, open_, found) if bound - best > same and (open_.sum(axis=1) > 1).any() else found


def _first(key: Doubles, then: Doubles, allowed: Bools) -> int:
    """Return the allowed position with the least key, then the least of `then`; the first where none is allowed."""
    return int(np.lexsort((then, key, ~allowed))[0])


def _filled(chosen: Ints, gain: Doubles, weight: Doubles, limit: float) -> Ints:
    """Return the assignment bettered by changing one query or two at once, what helps most first: what is left of the limit is spent."""
    chosen, rows = chosen.copy(), np.arange(len(chosen))
    query, model = np.nonzero(~np.isnan(gain))
    for _ in range(_SWAPS):
        left = limit - float(np.nansum(weight[rows, chosen]))
        more, better = weight[query, model] - weight[query, chosen[query]], gain[query, model] - gain[query, chosen[query]]
        order = np.argsort(more, kind="stable")  # staying is a change too, of nothing: so that one alone is a pair
        top = np.maximum.accumulate(better[order])
        which = np.maximum.accumulate(np.where(better[order] >= top, np.arange(len(order)), 0))
        fits = np.searchsorted(more[order], left - more, side="right") - 1
        other = order[which[np.maximum(fits, 0)]]
        both = np.where((fits >= 0) & ((query != query[other]) | (model[other] == chosen[query[other]])), better + better[other], 0.0)
        at = int(both.argmax())
        if not both[at] > _SAME:
            break
        chosen[query[other[at]]] = model[other[at]]
        chosen[query[at]] = model[at]
    return chosen


def _solved(gain: Doubles, weight: Doubles, limit: float, open_: Bools, found: Ints) -> Ints:
    """Return the optimum over the open choices; `found` where the solver has nothing better."""
    from scipy.optimize import Bounds, LinearConstraint, milp  # type: ignore[import-untyped]
    from scipy.sparse import csr_matrix  # type: ignore[import-untyped]

    rows, several = np.arange(len(found)), open_.sum(axis=1) > 1
    settled = np.where(open_.any(axis=1) & ~several, open_.argmax(axis=1), found)
    query, model = np.nonzero(open_ & several[:, None])
    g, w = gain[query, model], weight[query, model]
    width, height = (max(float(np.abs(values).max()), 1e-300) for values in (w, g))
    left = limit - float(np.nansum(weight[rows, settled][~several]))
    once = csr_matrix((np.ones(len(g)), (np.unique(query, return_inverse=True)[1], np.arange(len(g)))))
    for kept_back in (0.0, 2 * _FEASIBLE * width):  # the solver may overdraw by its tolerance: then once more with less
        answer = milp(
            -g / height, integrality=np.ones(len(g)), bounds=Bounds(0, 1), options={"mip_rel_gap": 0.0, "node_limit": NODES},
            constraints=[LinearConstraint(once, 1, 1), LinearConstraint(w[None, :] / width, -np.inf, (left - kept_back) / width)],
        )  # fmt: skip
        if answer.x is None:
            break
        taken, chosen = answer.x > 0.5, settled.copy()
        chosen[query[taken]] = model[taken]
        if np.nansum(weight[rows, chosen]) <= limit + _SAME * max(abs(limit), width):
            return chosen if np.nansum(gain[rows, chosen]) > np.nansum(gain[rows, found]) else found
    return found
