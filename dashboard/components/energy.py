"""Energy and CO2 of the point in hand: a card with its tier and range, the device and the grid to choose, each model's source."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import streamlit as st

from dashboard import compute, play, state
from dashboard.charts.figures import plain
from dashboard.charts.table import Cell
from dashboard.charts.table import table as html_table
from dashboard.components import cautions
from dashboard.components.plane.figures import change, percent, significant
from dashboard.words import energy as words
from data.problems import listed
from strategies.study.curves import Fitted
from strategies.study.prepare import Study
from strategies.study.warnings import Caution
from strategies.study.warnings import cautions as warnings

if TYPE_CHECKING:
    from data.energy import Range
    from strategies.study.spending import Spending

DEVICE, ZONE = "energy.device", "energy.zone"
_THIN = "\u202f"
_STEPS = {"Wh": ((1.0, "kWh"), (1e-3, "Wh"), (1e-6, "mWh"), (1e-9, "µWh")), "g": ((1.0, "kg"), (1e-3, "g"), (1e-6, "mg"), (1e-9, "µg"))}
_NAMED = 4


def section(study: Study, fit: Fitted) -> None:
    """Draw the section, closed at first: nothing is worked out before it is opened."""
    box = st.expander(words.TITLE, icon=":material/bolt:", key="energy", on_change="rerun")
    if box.open:
        with box:
            _inside(study, fit)


def spent(fit: Fitted) -> Spending:
    """Return what the point in hand takes, with the device and the grid that were chosen."""
    from strategies.study.spending import spending

    device, zone = state.get(DEVICE) or None, state.get(ZONE) or "WOR"
    key = f"spending|{compute.identity(fit)}|{play.settings_of(fit)!r}|{device}|{zone}"
    return compute.remembered(key, lambda: spending(compute.decided(fit), fit, device=device, zone=zone))


@st.fragment
def _inside(study: Study, fit: Fitted) -> None:
    device, zone, _ = st.columns([2, 2, 3])
    names = ["", *words.DEVICES]
    device.selectbox(
        words.DEVICE, names, key=DEVICE, help=words.DEVICE_HELP, persist_state="session",
        format_func=lambda name: words.DEVICES.get(name, words.NO_DEVICE), disabled=not _timed(study),
    )  # fmt: skip
    zone.selectbox(
        words.ZONE, list(words.ZONES), key=ZONE, format_func=words.ZONES.__getitem__, help=words.ZONE_HELP, persist_state="session"
    )
    with st.spinner(words.WORKING, show_time=False):
        found = spent(fit)
    _card(study, found)
    for told in cautions.told(study, assumed(study, found)):
        st.caption(f"{told.sign} **{told.word}** {plain(told.text)} {plain(told.todo)}")
    st.html(html_table(words.HEAD, rows(study, found), right=(1, 2), label=words.LABEL))
    grams = significant(1000 * found.grid.kg_co2e_per_kwh)
    note = words.GRID.format(zone=words.ZONES.get(found.grid.zone, found.grid.zone), grams=grams, source=found.grid.source)
    st.caption(f"{words.RANGE_NOTE if found.known else ''} {note[:1].upper()}{note[1:]}".strip())


def assumed(study: Study, found: Spending) -> tuple[Caution, ...]:
    """Return the warning of an energy that rests on a device's assumed watts, for the models that are called."""
    tiers = {each.model: each.origin.tier for each in found.models if each.called > 0}
    return tuple(each for each in warnings(study, energy=tiers) if each.id == "assumed-energy")


def _timed(study: Study) -> bool:
    return study.table.has("latency_s")


def _card(study: Study, found: Spending) -> None:
    tier = f":{words.COLOURS[found.tier]}-badge[{words.TIERS[found.tier]}]"
    left, right = st.columns(2)
    for place, title, own, best, unit in (
        (left, words.ENERGY, found.kwh, found.best, "Wh"),
        (right, words.CO2E, found.co2e_kg, found.best.times(found.grid.kg_co2e_per_kwh), "g"),
    ):
        with place.container(border=True):
            st.markdown(f"{title} {tier}", help=words.TIER_HELP[found.tier])
            st.markdown(f"### {amount(1000 * own.mid, unit)}" if found.known else f"### :gray[{words.NOT_KNOWN}]")
            if found.known:
                st.caption(f"{span(own.times(1000.0), unit)}{_against(study, own, best)}")
    if not found.known:
        short = [study.table.cards[study.pool.index(name)].short for name in found.unknown] or [words.NOT_KNOWN]
        text = words.UNKNOWN if _timed(study) else words.UNKNOWN_UNTIMED
        st.markdown(f":gray[:material/help:] {plain(text.format(models=listed(short, _NAMED)))}")


def _against(study: Study, own: Range, best: Range) -> str:
    if not best.mid > 0:
        return ""
    name = study.table.cards[study.pool.index(study.best)].short
    return " · " + words.VS.format(change=change(own.mid / best.mid - 1), best=plain(name))


def amount(value: float, unit: str) -> str:
    """Return kWh (unit "Wh") or kg (unit "g") with three digits in the unit that reads best; "not known" where it is not."""
    if not math.isfinite(value):
        return words.NOT_KNOWN
    step, name = next(((step, name) for step, name in _STEPS[unit] if abs(value) >= step), _STEPS[unit][-1])
    return f"{significant(value / step)}{_THIN}{name}"


def span(value: Range, unit: str) -> str:
    """Return a range as words; one number where it is measured."""
    low, high = amount(value.low, unit), amount(value.high, unit)
    return low if low == high else words.RANGE.format(low=low, high=high)


def rows(study: Study, found: Spending) -> list[list[str | Cell]]:
    """Return a row for each model in play: what 1,000 calls take, how often it is called, how that is known and by whom."""
    return [
        [
            study.table.cards[study.pool.index(each.model)].short,
            Cell(span(each.kwh.times(1000.0), "Wh"), f"{amount(1000 * each.kwh.mid, 'Wh')}"),
            percent(each.called),
            Cell(words.TIERS[each.origin.tier], words.TIER_HELP[each.origin.tier]),
            Cell(each.origin.source, each.origin.note),
        ]
        for each in found.models
    ]
