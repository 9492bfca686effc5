"""A against B of a comparison: which two, the work of fitting one for it, colours. Results live with their jobs and in the cache."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from dashboard import compute, jobs, theme
from dashboard.state import View
from dashboard.words import pair as words
from strategies.registry import find
from strategies.study.beside import MODEL, Asked, Beside, Side, known, measured
from strategies.study.beside import beside as compared
from strategies.study.compare import Comparison
from strategies.study.prepare import Study

PREFIX = "pair."
KEPT = 24  # sides that were fitted for this


def names(study: Study, now: Comparison) -> dict[str, str]:
    """Return what can be chosen, identity -> name: the compared strategies as in the table, then the single models, dear to cheap."""
    found = {row.id: row.title for row in now.compared if row.at is not None}
    models = zip(study.pool, study.table.cards, strict=True)
    return found | {f"{MODEL}{model}": words.SINGLE.format(name=card.short) for model, card in reversed([*models])}


def chosen(now: Comparison, study: Study, view: View) -> tuple[str, str]:
    """Return the pair of the view where both are here, else the best and the next of the table; of one strategy, it and the best model."""
    here = names(study, now)
    if len(view.pair) == 2 and all(each in here for each in view.pair):
        return view.pair[0], view.pair[1]
    first = "" if now.best is None else now.best.id
    ids = [*sorted((row.id for row in now.compared if row.id in here), key=lambda each: each != first), f"{MODEL}{study.best}"]
    return ids[0], next(each for each in [*ids[1:], *here] if each != ids[0])


def ticked(before: tuple[int, ...], rows: list[int], ids: list[str], pair: tuple[str, str]) -> tuple[tuple[int, ...], tuple[str, str]]:
    """Return the ticked rows in the order of their ticks, and the pair: the last two of them; one alone stands against the B there is."""
    order = (*(row for row in before if row in rows), *(row for row in rows if row not in before))
    named = [ids[row] for row in order if 0 <= row < len(ids)]
    if len(named) >= 2:
        return order, (named[-2], named[-1])
    return order, pair if not named or named[0] == pair[1] else (named[0], pair[1])


def side(study: Study, now: Comparison, wanted: Asked) -> Side | jobs.Job:
    """Return a side, or the work that fits it: its outcomes at this point are not among those that its row keeps."""
    found = known(study, now, wanted)
    if found is not None:
        return found
    key = f"{PREFIX}{compute.study_key(study)}.{wanted.id}.{wanted.point}.{wanted.model}"
    if (job := jobs.ALL.get(key)) is not None:  # one that was stopped stays so until somebody asks again
        return job
    jobs.ALL.trim(PREFIX, KEPT)
    work = partial(measured, study, find(wanted.id), wanted, keep=now.about.keep)
    return jobs.ALL.start(key, words.TITLE, lambda _job: work())


def beside(study: Study, a: Side, b: Side) -> Beside:
    """Return A against B, made once for the same answers."""
    key = f"pair.{compute.study_key(study)}.{_hash(a)}.{_hash(b)}"
    return compute.kept(key, lambda: compared(study, a, b))


def _hash(side: Side) -> str:
    import hashlib

    found = hashlib.blake2b(f"{side.id}|{side.met}|".encode(), digest_size=12)
    for values in (side.quality, side.cost):
        found.update(values.tobytes())
    return found.hexdigest()


def colours(pair: tuple[str, str], lit: Mapping[str, int], mode: str) -> tuple[str, str]:
    """Return the colours of A and of B: those that they have in the picture above; another of the palette for one that has none there."""
    free = (at for at in range(len(theme.palette(mode).strategies)) if at not in {lit.get(each) for each in pair})
    first, second = (theme.strategy_colour(lit[each] if each in lit else next(free), mode) for each in pair)
    return first, second
