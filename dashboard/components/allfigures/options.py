"""What the figures of a point depend on: options of the metrics as widgets, made from their declarations."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st

from dashboard import state
from dashboard.words import figures as words
from strategies.study.prepare import Study

if TYPE_CHECKING:
    from strategies.metrics.base import Metric, Option
    from strategies.study.figures import Figure
    from strategies.study.spending import Spending

_INLINE = {"alpha", "wait"}  # what everybody who reads IES has to choose
_ARRAYS = ("energy", "memory", "compute")
_KEY = "figures"
_FINE, _COARSE, _WIDE = 0.01, 0.1, 1000.0


def options_of(study: Study, spent: Spending) -> dict[str, dict[str, Any]]:
    """Return the options of every metric that are not the declared defaults: the fit part's best model, the plane's lines, the settings.

    The energy, memory and compute that IES may weigh are the mean of a call of each model.
    """
    from data.energy import compute as sizes
    from strategies.metrics.declared import METRICS

    lines, per_1k = state.view().lines, 1.0 if study.table.cost_unit == "USD" else 1000.0
    made: dict[str, dict[str, Any]] = {}
    for name, metric in METRICS.items():
        chosen = {o.name: value for o in turned(metric) if (value := state.get(_place(metric, o), o.default)) != o.default}
        if any(o.name == "best" for o in metric.options):
            chosen["best"] = study.best
        made[name] = chosen
    if "budget" in lines and state.view().axis == "cost":
        made["quality_at_spend"]["spend"] = per_1k * lines["budget"]
    if "floor" in lines:
        made["spend_at_quality"]["level"] = lines["floor"]
    ies = made["ies"]
    if any(ies.get(f"weight_{name}", 0) > 0 for name in _ARRAYS):
        size = sizes(study.tested)
        ies |= {"energy": np.array([each.kwh.mid for each in spent.models]), "memory": np.asarray(size.weights_bytes.mid, dtype=np.float64)}
        ies["compute"] = np.asarray(size.flops.mid, dtype=np.float64).mean(axis=0)
    return {name: each for name, each in made.items() if each}


def turned(metric: Metric) -> list[Option]:
    """Return the options of a metric that a person turns here: numbers with a default, and choices; none of what is run anew."""
    if metric.of == "policy" or metric.group == "Energy":
        return []
    return [o for o in metric.options if o.kind == "choice" or (o.kind == "number" and math.isfinite(o.default))]


def _place(metric: Metric, option: Option) -> str:
    """Return the key of an option's widget: figures of one group that have the same option share it."""
    return f"{_KEY}.{metric.group}.{option.name}"


def heading(group: str, mine: Sequence[Figure]) -> None:
    """Draw a group's name beside what its figures depend on; what IES is nothing without stands in sight."""
    options = {o.name: (each.metric, o) for each in mine for o in turned(each.metric)}
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(f"##### {group}", width="content")
        if rest := [pair for name, pair in options.items() if name not in _INLINE]:
            with st.popover(words.SETTINGS, icon=":material/tune:", type="tertiary", help=words.SETTINGS_HELP, key=f"{_KEY}.box.{group}"):
                for metric, option in rest:
                    _control(metric, option)
    inline = [pair for name, pair in options.items() if name in _INLINE]
    for place, (metric, option) in zip(st.columns(len(inline)) if inline else (), inline, strict=True):
        with place:
            _control(metric, option)


def _control(metric: Metric, option: Option) -> None:
    """Draw the widget of an option from its declaration."""
    title = words.OPTIONS.get(f"{metric.group}.{option.name}") or words.OPTIONS[option.name]
    key = _place(metric, option)
    if option.kind == "choice":
        known = [name for name in option.choices if "energy" not in name]  # of a curve's settings no energy is known here
        st.selectbox(title, known, index=known.index(option.default), key=key, help=option.help, persist_state="session")
        return
    low, high, value = float(option.low), float(option.high), float(option.default)
    if isinstance(option.default, int):
        st.number_input(title, int(low), int(high), int(value), key=key, help=option.help, persist_state="session")
    elif low == 0 or high / low < _WIDE:
        st.slider(title, low, high, value, step=_FINE if high <= 1 else _COARSE, key=key, help=option.help, persist_state="session")
    else:
        st.number_input(title, low, high, value, format="%g", key=key, help=option.help, persist_state="session")
