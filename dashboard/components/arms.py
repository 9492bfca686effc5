"""The models of a set: which stay, under which names, in which order; hosts of one model merged. Comfortable with two or with fifty."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import streamlit as st

from dashboard import compute, state
from dashboard.charts.figures import DASH, money, percent, plain
from dashboard.drafts import digest
from dashboard.words import sets as words
from data.arms import Edits, Merge, edited, suggested
from data.outcomes import OutcomeTable
from data.problems import ProblemError, listed
from strategies.frontiers.hull import hull

NAN = math.nan
NEAR = 0.10
TALL = 12  # rows of the editor before it scrolls
_SIZE = re.compile(r"(?<![\w.])(?:(\d+)x)?(\d+(?:\.\d+)?)b(?![a-z0-9])", re.IGNORECASE)
FILE, CHEAP, GOOD, NAME, OWN = "file", "cheap", "good", "name", "own"
# White on the accent is too pale in the dark: chips take the colour of the text instead.
CHIPS = """<style>
.stMultiSelect [data-tag], .stMultiSelect [data-tag] * { color: inherit; }
.stMultiSelect [data-tag] { background: color-mix(in srgb, currentColor 14%, transparent); }
</style>"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arm:
    """One model as the step shows it.

    shown : what other pages call it. weight : what it costs (or would), in the one measure of all; NaN = not known.
    """

    name: str
    shown: str
    quality: float
    cost: float
    weight: float
    known: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Base:
    """Where the editor starts: what presets, merges and the order did so far. turn : another editor after each of them."""

    edits: Edits = field(default_factory=Edits)
    sort: str = FILE
    turn: int = 0


def step(key: str, table: OutcomeTable) -> tuple[OutcomeTable, Edits]:
    """Draw the step of the upload, folded; return the table after the edits, and them."""
    merges = suggested(table.models)
    before = now(key)
    whole = len(table.models) - sum(len(merge.names) - 1 for merge in before.merges)
    left = whole - len(before.gone)
    title = (words.ARMS_LEFT if left < whole else words.ARMS_TITLE if whole > 1 else words.ARMS_TITLE_ONE).format(n=left, all=whole)
    hint = f" {words.ARMS_ALIKE_TITLE}" if merges and not before.merges else ""
    with st.expander(title + hint, icon=":material/rule:", key=f"{key}.arms.open"):
        edits = panel(key, table)
    return apply(table, edits)


def apply(table: OutcomeTable, edits: Edits) -> tuple[OutcomeTable, Edits]:
    """Return the table after the edits, and them; what cannot be done is said, and then nothing is."""
    try:
        return edited(table, edits), edits
    except ProblemError as error:
        st.error(plain(str(error)), icon=":material/error:")
        return table, Edits()


def now(key: str) -> Edits:
    """Return the edits as they stood when the panel was last drawn."""
    found: Edits = state.get(f"{key}.arms.now", Edits())
    return found


def panel(key: str, table: OutcomeTable) -> Edits:
    """Draw merges, presets and the list of models; return what is wanted."""
    base: Base = state.get(f"{key}.arms", Base())
    merged = edited(table, Edits(merges=base.edits.merges))
    arms = compute.kept(f"arms.{key}.{digest(base.edits.merges)}", lambda: described(merged))
    _alike(key, merged, base)
    _presets(key, arms, base)
    order = _sorted(arms, base)
    edits = _editor(key, order, base)
    state.put(f"{key}.arms.now", edits)
    gone = len(edits.gone)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(words.ARMS_STAY.format(n=len(arms) - gone, all=len(arms)), width="content")
        if edits:
            st.button(words.ARMS_RESET, key=f"{key}.arms.reset", icon=":material/undo:", type="tertiary", on_click=_restart, args=(key,))
    return edits


def described(table: OutcomeTable) -> tuple[Arm, ...]:
    """Return the models with what is known of them."""
    quality, cost, known = table.mean("quality"), table.mean("cost_usd"), table.coverage()
    weight, titles = weights(table), {card.name: card.title for card in table.cards}
    return tuple(
        Arm(name=m, shown=titles[m] or m, quality=quality[m], cost=cost[m], weight=weight[m], known=known[m]) for m in table.models
    )


def weights(table: OutcomeTable) -> dict[str, float]:
    """Return model -> what it costs in one measure: recorded or typed cost, else list price, else size by its name."""
    from data.prices import match

    cost = table.mean("cost_usd")
    if sum(not math.isnan(value) for value in cost.values()) >= 2:
        return cost
    cards = {card.name: card if card.priced else match(card.name) for card in table.cards}
    listed_ = {name: NAN if card is None else card.price_in_usd_per_mtok + card.price_out_usd_per_mtok for name, card in cards.items()}
    if sum(not math.isnan(value) for value in listed_.values()) >= 2:
        return listed_
    return {model: size(model) for model in table.models}


def size(model: str) -> float:
    """Return the billions of parameters that a model's name says (`8x7B` is 56), NaN where it says none."""
    found = _SIZE.search(model.replace("_", "-"))
    return NAN if found is None else float(found.group(1) or 1) * float(found.group(2))


def presets(arms: Sequence[Arm]) -> dict[str, tuple[str, ...]]:
    """Return words -> the models that stay, of the choices that one press makes."""
    scored = [arm for arm in arms if not math.isnan(arm.quality)]
    if len(scored) < 3:
        return {}
    best = max(scored, key=lambda arm: (arm.quality, -arm.weight if not math.isnan(arm.weight) else -math.inf))
    weighed = [arm for arm in scored if not math.isnan(arm.weight)]
    found: dict[str, tuple[str, ...]] = {}
    if weighed:
        cheapest = min(weighed, key=lambda arm: (arm.weight, -arm.quality))
        near = min(
            (arm for arm in weighed if arm.quality >= best.quality - NEAR and arm is not best),
            key=lambda a: (a.weight, -a.quality),
            default=None,
        )
        found[words.PRESET_ENDS] = (cheapest.name, best.name)
        if near is not None:
            found[words.PRESET_NEAR] = (near.name, best.name)
        if len(weighed) > 2:
            import numpy as np

            vertices = hull(np.array([arm.weight for arm in weighed]), np.array([arm.quality for arm in weighed]))
            found[words.PRESET_HULL] = tuple(weighed[int(v)].name for v in vertices)
    found[words.PRESET_TOP] = tuple(arm.name for arm in sorted(scored, key=lambda arm: -arm.quality)[:5])
    return {said: names for said, names in found.items() if 2 <= len(set(names)) < len(arms)}


def _presets(key: str, arms: Sequence[Arm], base: Base) -> None:
    """Draw the presets and the box that keeps exactly what is named in it."""
    names = [arm.name for arm in arms]
    offered = presets(arms)
    if len(arms) > 2:
        with st.container(horizontal=True, gap="small"):
            for said, stay in offered.items():
                st.button(
                    said, key=f"{key}.preset.{digest(said)}", help=words.PRESET_HELP.format(models=listed(stay, 6)), on_click=_only,
                    args=(key, names, stay), wrap=False,
                )  # fmt: skip
        left = [name for name in names if name not in base.edits.gone]
        st.html(CHIPS)
        st.multiselect(
            words.ARMS_ONLY, names, key=f"{key}.only.{base.turn}", placeholder=words.ARMS_ONLY_EXAMPLE, help=words.ARMS_ONLY_HELP,
            default=left if base.edits.gone and len(left) <= TALL else [],
            on_change=_typed, args=(key, names),
        )  # fmt: skip
        ways = [FILE, CHEAP, GOOD, NAME, *([OWN] if base.sort == OWN else [])]
        st.segmented_control(
            words.ARMS_ORDER, ways, default=base.sort, required=True, key=f"{key}.sort.{base.turn}",
            format_func=words.ARMS_ORDERS.__getitem__, on_change=_resorted, args=(key,),
        )  # fmt: skip


def _alike(key: str, table: OutcomeTable, base: Base) -> None:
    """Draw the models that look like one, each with the button that merges them; and what was merged."""
    for merge in suggested(table.models):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.markdown(
                f":material/call_merge: {plain(words.ARMS_ALIKE.format(names=' and '.join(f'**{n}**' for n in merge.names)))}",
                width="content",
            )
            st.button(
                words.ARMS_MERGE.format(into=merge.into), key=f"{key}.merge.{digest(merge)}", on_click=_merge, args=(key, merge),
                help=words.ARMS_MERGE_HELP,
            )  # fmt: skip
    if base.edits.merges:
        st.caption(words.ARMS_MERGED.format(merges="; ".join(f"{' + '.join(m.names)} → {m.into}" for m in base.edits.merges)))


def _sorted(arms: Sequence[Arm], base: Base) -> list[Arm]:
    by: Mapping[str, Any] = {
        CHEAP: lambda arm: (math.isnan(arm.weight), arm.weight), GOOD: lambda arm: (math.isnan(arm.quality), -arm.quality),
        NAME: lambda arm: base.edits.names.get(arm.name, arm.shown).lower(),
    }  # fmt: skip
    if base.sort == OWN:
        place = {name: i for i, name in enumerate(base.edits.order)}
        return sorted(arms, key=lambda arm: place.get(arm.name, len(place)))
    return sorted(arms, key=by[base.sort]) if base.sort in by else list(arms)


def _editor(key: str, arms: Sequence[Arm], base: Base) -> Edits:
    """Draw a row a model: whether it stays, its name, its place; return the edits that follow."""
    import pandas as pd

    rows = [
        {
            "stays": arm.name not in base.edits.gone, "name": base.edits.names.get(arm.name, arm.shown), "quality": percent(arm.quality),
            "cost": money(1000 * arm.cost) if not math.isnan(arm.cost) else DASH, "known": percent(arm.known), "place": i + 1,
        }
        for i, arm in enumerate(arms)
    ]  # fmt: skip
    config: dict[str, Any] = {
        "stays": st.column_config.CheckboxColumn(words.ARM_STAYS, width="small", help=words.ARM_STAYS_HELP),
        "name": st.column_config.TextColumn(words.ARM_NAME, width="medium", required=True, max_chars=120, help=words.ARM_NAME_HELP),
        "quality": st.column_config.TextColumn(words.QUALITY, disabled=True, width="small"),
        "cost": st.column_config.TextColumn(words.COST_1K, disabled=True, width="small"),
        "known": st.column_config.TextColumn(words.KNOWN_FOR, disabled=True, width="small"),
        "place": st.column_config.NumberColumn(
            words.ARM_PLACE, min_value=1, max_value=len(arms), step=1, width="small", help=words.ARM_PLACE_HELP
        ),
    }
    if all(math.isnan(arm.cost) for arm in arms):
        del config["cost"]
    if all(arm.known == 1.0 for arm in arms):
        del config["known"]
    name = f"{key}.arms.rows.{base.turn}"
    height: Any = "content" if len(arms) <= TALL else 3 + 35 * (1 + TALL)
    result = st.data_editor(
        pd.DataFrame(rows)[list(config)], column_config=config, hide_index=True, key=name, height=height,
        on_change=partial(_edited, key, name, {arm.name: arm.shown for arm in arms}), alt=words.ARMS_LIST,
    )  # fmt: skip
    return _edits(base, {arm.name: arm.shown for arm in arms}, result.to_dict("records"))


def _edits(base: Base, names: Mapping[str, str], rows: Sequence[Mapping[Any, Any]]) -> Edits:
    new = {name: str(row["name"]).strip() for name, row in zip(names, rows, strict=True) if row["name"]}
    gone = tuple(name for name, row in zip(names, rows, strict=True) if not row["stays"])
    return Edits(
        merges=base.edits.merges, names={old: name for old, name in new.items() if name != names[old]}, gone=gone,
        order=tuple(name for name in names if name not in gone) if base.sort != FILE else (),
    )  # fmt: skip


def _turned(key: str, edits: Edits, **changed: Any) -> None:
    """Start the editor anew with these edits: what was typed into it is part of them."""
    base: Base = state.get(f"{key}.arms", Base())
    state.put(f"{key}.arms", replace(base, edits=edits, turn=base.turn + 1, **changed))
    state.put(f"{key}.arms.now", edits)


def _only(key: str, names: Sequence[str], stay: Sequence[str]) -> None:
    _turned(key, replace(now(key), gone=tuple(name for name in names if name not in stay)))


def _typed(key: str, names: Sequence[str]) -> None:
    base: Base = state.get(f"{key}.arms", Base())
    stay = state.get(f"{key}.only.{base.turn}") or names
    _turned(key, replace(now(key), gone=tuple(name for name in names if name not in stay)))


def _resorted(key: str) -> None:
    base: Base = state.get(f"{key}.arms", Base())
    _turned(key, replace(now(key), order=()), sort=state.get(f"{key}.sort.{base.turn}") or FILE)


def _merge(key: str, merge: Merge) -> None:
    """Merge what looks like one model; names that it is made of are no longer renamed or hidden."""
    edits = now(key)
    names = {old: new for old, new in edits.names.items() if old not in merge.names}
    gone = tuple(name for name in edits.gone if name not in merge.names)
    order = tuple(dict.fromkeys(merge.into if name in merge.names else name for name in edits.order))
    _turned(key, replace(edits, merges=(*edits.merges, merge), names=names, gone=gone, order=order))


def _edited(key: str, name: str, names: Mapping[str, str]) -> None:
    """Move a row at once whose place was typed; all else stays in the editor until something turns it."""
    changes: Mapping[Any, Mapping[str, Any]] = (state.get(name) or {}).get("edited_rows", {})
    base: Base = state.get(f"{key}.arms", Base())
    rows = [
        {"stays": each not in base.edits.gone, "name": base.edits.names.get(each, names[each]), **changes.get(i, {})}
        for i, each in enumerate(names)
    ]
    edits = _edits(base, names, rows)
    state.put(f"{key}.arms.now", edits)  # the title above the list counts at once
    in_order = list(names)
    places = {in_order[int(row)]: values["place"] for row, values in changes.items() if values.get("place") is not None}
    if not places:
        return
    order = [each for each in names if each not in places]
    for each, place in sorted(places.items(), key=lambda pair: int(pair[1])):
        order.insert(int(place) - 1, each)
    _turned(key, replace(edits, order=tuple(each for each in order if each not in edits.gone)), sort=OWN)


def _restart(key: str) -> None:
    base: Base = state.get(f"{key}.arms", Base())
    state.put(f"{key}.arms", Base(turn=base.turn + 1))
    state.put(f"{key}.arms.now", Edits())
