"""The plane of the simulated world and the map of who wins, which grows beside the page while it is measured."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import streamlit as st

from dashboard import jobs, lab, state
from dashboard.charts import lab as charts
from dashboard.charts.figures import plain
from dashboard.components.lab import dials
from dashboard.components.trace.amounts import grouped
from dashboard.words import lab as words

if TYPE_CHECKING:
    from strategies.study.outline import Outline
    from strategies.study.phase import Lead, Phase
    from strategies.study.predictability import Place

MAP, PRESSED = "lab.cells", "lab.pressed"
_NAME_MOST = 22
PATIENCE_S = 1.5  # most maps have their first picture by then
_CONFIG = {"displayModeBar": False, "scrollZoom": False}


def plane(outline: Outline, *, name: str, budget: str) -> None:
    """Draw the plane of one draw of the world, the budget marked."""
    st.subheader(words.PLANE, anchor=False)
    cascade = next(line for line in outline.lines if line.chain)
    chain = " → ".join(outline.name_of(model) for model in cascade.chain)
    said = words.PLANE_CAPTION.format(cascade=words.CASCADE, chain=chain, router=words.ROUTER)
    alt = words.PLANE_ALT.format(name=name, said=said)
    picture = charts.plane(outline, mode=_mode(), budget=_marked(outline, budget))
    st.plotly_chart(picture, width="stretch", key="lab.plane", theme=None, config=_CONFIG, alt=alt)
    st.caption(plain(said))


def _marked(outline: Outline, budget: str) -> tuple[float, str] | None:
    """Return the budget as a mean cost and its name; None where all count, or where it is that of a model itself."""
    share = lab.BUDGETS[budget]
    if share is None or share == 1:
        return None
    best = next(spot for spot in outline.models if spot.id == outline.best)
    return share * best.cost, words.BUDGET_MARK.format(share=words.BUDGETS[budget], best=best.name)


def finding(phase: Phase | None, at: tuple[float, float], budget: str, best: str) -> str:
    """Return who wins at the world's place, in a sentence; a promise of it while nothing is measured."""
    if phase is None:
        return words.FINDING_WAIT
    share = lab.BUDGETS[budget]
    lead = phase.lead(*at, share)
    said = _lead(lead, words.FINDING, words.TIE, ex=charts.auroc(at[0]), post=charts.auroc(at[1]), budget=at_budget(budget, best))
    said += _level(phase, at[1], share)
    return plain(said if phase.done else said + words.STILL)


def _level(phase: Phase, post_hoc: float, share: float | None) -> str:
    """Return where the two draw level, with its interval; a winner is named only where the interval leaves no doubt."""
    even = phase.even(post_hoc, share)
    low, mean, high = (charts.auroc(each) if math.isfinite(each) else "" for each in even)
    if mean:
        return words.EVEN.format(even=mean) + (words.EVEN_FROM.format(low=low, high=high) if low != high else "") + "."
    if low:
        return words.EVEN_NEVER.format(low=low, high=high)
    return words.EVEN_NEVER_ROUTER if phase.lead(1.0, post_hoc, share).mean > 0 else words.EVEN_NEVER_CASCADE


def at_budget(budget: str, best: str) -> str:
    """Return a budget in words that fit into a sentence."""
    return words.AT_BUDGET[budget].format(best=best)


def _lead(lead: Lead, wins: str, tie: str, **said: str) -> str:
    winner = charts.winner_of(lead.low, lead.high)
    if not winner:
        return tie.format(points=charts.points(lead.mean), low=charts.points(lead.low), high=charts.points(lead.high), **said)
    turn = -1.0 if winner == words.ROUTING else 1.0
    low, high = sorted((turn * lead.low, turn * lead.high))
    numbers = {name: charts.points(value, sign=False) for name, value in (("points", turn * lead.mean), ("low", low), ("high", high))}
    return wins.format(winner=winner, **numbers, **said)


def placed(place: Place, name: str, budget: str, best: str, *, twin: bool, simulated: bool = False) -> str:
    """Return where the open set lies, and who wins on it, in words. twin : the map is that of its twin; simulated : the set is."""
    if math.isnan(place.post_hoc) and math.isnan(place.ex_ante):
        return words.OWN_NOTHING.format(name=name)
    if math.isnan(place.ex_ante):
        return words.OWN_NO_ROUTER.format(name=name, post=charts.auroc(place.post_hoc))
    router = words.ROUTER_NAMES.get(place.router, place.router)
    signals = ", ".join(_signals(place.signals))
    said = words.OWN_KNOWN.format(
        name=name, router=router, ex=charts.auroc(place.ex_ante), post=charts.auroc(place.post_hoc), signals=signals
    )
    lead = place.lead(lab.BUDGETS[budget])
    if lead is not None and not math.isnan(lead.low):
        wins = words.OWN_LEAD.replace("{winner}", words.OWN_LEAD_WINS)
        said += _lead(lead, wins, words.OWN_TIE, budget=at_budget(budget, best), how=words.ONE_DRAW if simulated else words.MEASURED)
    return plain(said if twin else said + words.TWIN_FIRST)


def shortened(name: str, most: int) -> str:
    """Return a name that fits on the map."""
    return name if len(name) <= most else f"{name[: most - 1].rstrip()}…"


def _signals(names: tuple[str, ...]) -> list[str]:
    from dashboard.words import scene

    return [scene.SIGNALS.get(name, name) for name in names]


def offered(phase: Phase | None) -> tuple[list[str], str]:
    """Return the budgets at which the two can be compared, and the one in the view: none is below the cheapest model's cost."""
    least = 0.0 if phase is None else phase.cheapest
    names = [name for name, share in lab.BUDGETS.items() if share is None or share >= least]
    wanted = str(state.view().lab.get("share", lab.USUAL))
    return names, wanted if wanted in names else "all"


def budgets(names: list[str], current: str, best: str) -> None:
    """Draw at which budget the two are compared."""
    key = dials.hold("lab.share", current)
    title, named = words.BUDGET.format(best=best), words.BUDGETS.__getitem__
    st.segmented_control(title, names, key=key, format_func=named, help=words.BUDGET_HELP, on_change=_budgeted, args=(key,))


def _budgeted(key: str) -> None:
    if state.get(key) is not None and dials.moved("lab.share", key):
        dials.keep({**dials.now(), "share": state.get(key)})


def _size(phase: Phase | None) -> int:
    """Return how much a picture rests on: a finer one is more."""
    return 0 if phase is None else phase.router.size


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """How the map is looked at. at : where the world stands; budget : its name; yours : name and place of the open set; said : in words."""

    at: tuple[float, float]
    budget: str
    yours: tuple[str, Place] | None
    said: str


def diagram(job: jobs.Job, phase: Phase | None, look: Look) -> None:
    """Draw the map as it is now; while it is measured the page follows each finer one, with what is done and a way to stop."""
    if job.phase == "running":
        _growing(job.key, _size(phase), look)
        return
    if job.phase == "failed":
        st.error(job.error, icon=":material/error:")
    _drawn(phase, look)
    if job.phase == "stopped":
        draws = job.partial.draws if job.partial is not None else 0
        with st.container(horizontal=True, vertical_alignment="center"):
            st.caption(words.STOPPED.format(draws=draws))
            st.button(words.GO_ON, key="lab.go-on", icon=":material/play_arrow:", on_click=jobs.ALL.drop, args=(job.key,))


@st.fragment(run_every=1.0)
def _growing(key: str, seen: int, look: Look) -> None:
    job = jobs.ALL.get(key)
    pressed = state.get(PRESSED)
    state.forget(PRESSED)
    # The sentence above and the sliders beside belong to the page, not to this fragment.
    if pressed or job is None or job.phase != "running" or _size(job.partial) != seen:
        st.rerun(scope="app")
        return
    _drawn(job.partial, look)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        text = words.MEASURING.format(done=job.done, total=job.total) if job.partial is not None else words.FIRST
        st.progress(job.share, text=text)
        st.button(words.STOP, key="lab.stop", icon=":material/stop:", on_click=job.stop.set)


def _drawn(phase: Phase | None, look: Look) -> None:
    from strategies.study.phase import DRAW

    marked, yours = None, look.yours
    if yours is not None and not math.isnan(yours[1].ex_ante) and not math.isnan(yours[1].post_hoc):
        marked = (shortened(yours[0], _NAME_MOST), yours[1].ex_ante, yours[1].post_hoc)
    picture = charts.diagram(phase, look.at, share=lab.BUDGETS[look.budget], mode=_mode(), yours=marked)
    st.plotly_chart(
        picture, width="stretch", key=MAP, theme=None, config=_CONFIG, on_select=_pressed, selection_mode="points",
        alt=words.MAP_ALT.format(said=look.said),
    )  # fmt: skip
    if phase is not None:
        st.caption(words.MAP_CAPTION.format(draws=phase.draws, n=grouped(DRAW)))


def _pressed() -> None:
    """Go to the cell that was pressed: both sliders follow."""
    chosen: Any = state.get(MAP)
    found = chosen["selection"]["points"] if chosen else []
    if found:
        state.put(PRESSED, value=True)
        dials.set_dials(ex_ante=round(float(found[0]["x"]), 3), post_hoc=round(float(found[0]["y"]), 3))


def _mode() -> str:
    return st.context.theme.type or "light"
