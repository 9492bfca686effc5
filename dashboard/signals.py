"""Which models and which signal the Signals page looks at, and the work behind it. Nothing kept here: results live with their jobs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dashboard import compute, jobs, state
from dashboard.words import signals as words
from strategies.study.prepare import Study, hull_models

if TYPE_CHECKING:
    from strategies.study.cover import Cover, Split
    from strategies.study.signal_shape import PairSignals

PREFIX = "signals."
KEPT = 24  # pairs


@dataclass(frozen=True, slots=True)
class Pair:
    """Two models of a study, the first cheaper."""

    cheap: str
    strong: str


def pair(study: Study, wanted: tuple[str, ...]) -> Pair:
    """Return the pair of the view where it can be looked at; by default the last step of the study's chain: the dearest decision."""
    cheap, strong = (*wanted, "", "")[:2]
    usual = hull_models(study)[-2:]
    if cheap not in study.pool[:-1]:
        cheap = usual[0] if usual[0] in study.pool[:-1] else study.pool[-2]
    offered = dearer(study, cheap)
    if strong not in offered:
        strong = usual[1] if usual[1] in offered else offered[-1]
    return Pair(cheap, strong)


def dearer(study: Study, cheap: str) -> tuple[str, ...]:
    """Return the models that can be asked after one: those that cost more."""
    return study.pool[study.pool.index(cheap) + 1 :]


def weighed(study: Study, two: Pair) -> jobs.Job:
    """Return the work on all signals of a pair, started if need be; its result is a PairSignals."""

    def work(job: jobs.Job) -> PairSignals:  # noqa: ARG001 - one piece, nothing to stop between
        from strategies.study.signal_shape import pair_signals

        return pair_signals(study, two.cheap, two.strong)

    key = f"{PREFIX}{compute.study_key(study)}.{two.cheap}.{two.strong}"
    found = jobs.ALL.get(key)
    if found is not None:
        return found
    jobs.ALL.trim(PREFIX, KEPT)
    return jobs.ALL.start(key, words.JOB.format(cheap=short(study, two.cheap)), work)


def cover_of(study: Study) -> Cover:
    """Return who covers whose mistakes, made once a study."""
    from strategies.study.cover import cover

    return compute.kept(f"cover.{compute.study_key(study)}", lambda: cover(study))


def split_of(study: Study, two: Pair) -> Split:
    """Return how a pair's queries split, made once."""
    from strategies.study.cover import split

    return compute.kept(f"split.{compute.study_key(study)}.{two.cheap}.{two.strong}", lambda: split(study, two.cheap, two.strong))


def short(study: Study, model: str) -> str:
    """Return what a model is called on pages."""
    return study.table.cards[study.table.index(model)].short


def name(signal: str) -> str:
    """Return what a signal is called in tables and lists; one of the user's own by its own name."""
    return words.NAMES.get(signal, signal)


def spoken(signal: str) -> str:
    """Return what a signal is called in a sentence."""
    return words.IN_SENTENCE.get(signal, signal)


def keep(two: Pair, signal: str = "") -> None:
    """Put the choice into the view."""
    state.change(signals=(two.cheap, two.strong, *([signal] if signal else [])))


def play(two: Pair, signal: str) -> bool:
    """Put the pair's cascade by this signal in play and select it; False where no more fit."""
    options = {"chain": (two.cheap, two.strong), "signal": signal}
    view = state.view()
    same = next((slot for slot in view.slots if slot.strategy == "margin-cascade" and dict(slot.options) == options), None)
    if same is not None:
        state.change(selected=same.letter, knob="")
        return True
    if len(view.slots) >= state.MOST_SLOTS:
        return False
    state.add_slot("margin-cascade")
    state.set_slot(state.view().selected, options=options)
    return True
