"""The view as one typed value: read from the address, changed by callbacks, written back to the address.

The only module that touches session_state and query_params.
"""

from __future__ import annotations

import base64
import json
import math
import time
import zlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any

import streamlit as st

from data.problems import Problem, ProblemError, refuse

PARAMETER = "v"
MOST_SLOTS = 8
MOST_SHIFTS = 6
LETTERS = "abcdefgh"
LAG_S = 5.0
_LONGEST = 6000
_LISTS = {
    "pool": "models", "methods": "filters", "families": "families", "compare": "highlighted strategies", "signals": "models",
    "pair": "compared pair",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """One strategy in play. knobs : exact settings by slider name; options : chain, signal and other words by field.

    picked : sliders that were set from a tested query's own turning point; every figure of theirs says that it was picked on test.
    """

    letter: str
    strategy: str
    knobs: Mapping[str, float] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)
    picked: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """Everything that a link has to reopen.

    data : bundled name or fingerprint; file : what an uploaded set was called. weights : assumed relative prices.
    scale : "log" or "linear" where the reader chose one. lines : quality "floor" and "budget" drawn
    into the plane. quick, task, query : the Decisions page's own. lab : the Lab's world: a preset's name (or "twin"), what was turned
    on it, what changes on the way, the budget compared at. methods : the filters of the Methods page, by name.
    whatif : the What-if page's scenario (strategies.whatif.scenario).
    find : the Find page's question (strategies.solver.goals). signals : the Signals page's cheap model, strong model and signal.
    families, compare : what the Compare page compares (none = all), and the strategies highlighted there (none = the best).
    pair, pair_at : the two that stand against each other there, and at which point (strategies.study.beside).
    """

    data: str = ""
    file: str = ""
    slots: tuple[Slot, ...] = ()
    selected: str = "a"
    knob: str = ""
    axis: str = "cost"
    scale: str = ""
    pool: tuple[str, ...] = ()
    weights: Mapping[str, float] = field(default_factory=dict)
    monthly: float = 100_000
    lines: Mapping[str, float] = field(default_factory=dict)
    quick: str = ""
    task: str = ""
    query: str = ""
    lab: Mapping[str, Any] = field(default_factory=dict)
    methods: tuple[str, ...] = ()
    families: tuple[str, ...] = ()
    compare: tuple[str, ...] = ()
    pair: tuple[str, ...] = ()
    pair_at: str = ""
    whatif: str = ""
    find: str = ""
    signals: tuple[str, ...] = ()

    def slot(self, letter: str) -> Slot | None:
        """Return one strategy in play."""
        return next((slot for slot in self.slots if slot.letter == letter), None)


def encode(view: View) -> str:
    """Return the view as one short word for an address: deflated JSON in base64url; only what differs from the default."""
    default = asdict(View())
    plain = {name: value for name, value in asdict(view).items() if value != default[name]}
    for slot in plain.get("slots", ()):
        if not slot["picked"]:
            del slot["picked"]
    text = json.dumps(plain, separators=(",", ":"), sort_keys=True)
    return base64.urlsafe_b64encode(zlib.compress(text.encode(), 9)).decode().rstrip("=")


def decode(word: str) -> View:
    """Return the view in an address; ProblemError for anything that is not one. Nothing is unpickled or evaluated."""
    if len(word) > _LONGEST:
        raise _unreadable(f"it has {len(word):,} characters")
    try:
        packed = base64.b64decode(word + "=" * (-len(word) % 4), altchars=b"-_", validate=True)
        opened = zlib.decompressobj()
        plain = json.loads(opened.decompress(packed, 200_000))
    except (ValueError, zlib.error, RecursionError) as error:
        raise _unreadable("it was cut or changed") from error
    if not isinstance(plain, dict):
        raise _unreadable("it holds no view")
    strange = sorted(set(plain) - {f.name for f in fields(View)})
    if strange:
        raise _unreadable(f"it has the unknown key {strange[0]!r}")
    return _typed(plain)


def _typed(plain: dict[str, Any]) -> View:
    slots = plain.pop("slots", [])
    if not isinstance(slots, list) or len(slots) > MOST_SLOTS:
        raise _unreadable("its strategies are no list")
    known = {f.name for f in fields(Slot)}
    for slot in slots:
        if (
            not isinstance(slot, dict)
            or set(slot) - known
            or not isinstance(slot.get("letter"), str)
            or not isinstance(slot.get("strategy"), str)
        ):
            raise _unreadable("one of its strategies is not readable")
        _numbers(slot.setdefault("knobs", {}))
        if not isinstance(slot.setdefault("options", {}), dict) or not _names(slot.setdefault("picked", [])):
            raise _unreadable("one of its strategies is not readable")
        slot["picked"] = tuple(slot["picked"])
        slot["options"] = {k: tuple(v) if isinstance(v, list) else v for k, v in slot["options"].items()}
    for name, value in plain.items():
        plain[name] = _field(name, value)
    return View(slots=tuple(Slot(**slot) for slot in slots), **plain)


def _field(name: str, value: Any) -> Any:
    if name in {"weights", "lines"}:
        _numbers(value)
        return value
    if name == "lab":
        if not _world(value):
            raise _unreadable("its simulated world is not readable")
        return value
    if name in _LISTS:
        if not _names(value):
            raise _unreadable(f"its {_LISTS[name]} are no list of names")
        return tuple(value)
    if name == "monthly":
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value) or value < 0:
            raise _unreadable(f"{name} is not a number")
    elif not isinstance(value, str):
        raise _unreadable(f"{name} is not a word")
    return value


def _world(value: Any) -> bool:
    """Whether a value has the form of a Lab's world; whether its numbers are in range is the simulator's to say."""
    if not isinstance(value, dict) or set(value) - {"world", "dials", "shifts", "share"}:
        return False
    shifts, dials = value.get("shifts", []), value.get("dials", {})
    if not isinstance(value.get("world", ""), str) or not isinstance(shifts, list) or len(shifts) > MOST_SHIFTS:
        return False
    return all(isinstance(each, dict) and all(map(_atom, each.values())) for each in (dials, *shifts)) and _atom(value.get("share"))


def _atom(value: Any) -> bool:
    return value is None or isinstance(value, str) or (isinstance(value, (int, float)) and math.isfinite(value))


def _names(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(name, str) for name in value)


def _numbers(values: Any) -> None:
    if not isinstance(values, dict) or not all(
        isinstance(v, (int, float)) and not isinstance(v, bool) and math.isfinite(v) for v in values.values()
    ):
        raise _unreadable("one of its settings is not a number")


def _unreadable(why: str) -> ProblemError:
    return refuse(f"this link cannot be read: {why}.", "Ask for the link again, or start from the page as it is.")


def view() -> View:
    """Return the current view; the first call of a session, and an address changed by hand, read it from the address."""
    word = st.query_params.get(PARAMETER, "")
    session = st.session_state
    # The address lags behind a change until `publish`; only one that was never written here was changed by hand.
    by_hand = word and word != session.get("view_word", "") and word != session.get("view_refused", "") and not _lags(word)
    if "view" not in session or by_hand:
        try:
            session["view"] = decode(word) if word else session.get("view", View())
            session["view_word"] = word
        except ProblemError as error:
            session["view_problems"], session["view_refused"] = error.problems, word
            session.setdefault("view", View())
    current = session["view"]
    if not isinstance(current, View):  # after a hot reload the class is another one: the address still has the view
        current = session["view"] = _reread(word)
    return current


def _lags(word: str) -> bool:
    """Whether an address was ours until a moment ago: a browser that draws by itself may ask once more before it hears of the new one."""
    return any(old == word and time.monotonic() - left < LAG_S for old, left in st.session_state.get("view_left", ()))


def _reread(word: str) -> View:
    try:
        return decode(word) if word else View()
    except ProblemError:
        return View()


def problems() -> tuple[Problem, ...]:
    """Return what was wrong with the link, once."""
    found: tuple[Problem, ...] = st.session_state.pop("view_problems", ())
    return found


def change(**values: Any) -> View:
    """Return the new view with these fields changed; it is written to the address at the end of the run."""
    changed = replace(view(), **values)
    st.session_state["view"] = changed
    return changed


def publish() -> None:
    """Write the view to the address, if it is not there already."""
    word, session = encode(view()), st.session_state
    before = session.get("view_word", "")
    if before and before != word:
        session["view_left"] = [*session.get("view_left", [])[-8:], (before, time.monotonic())]
    session["view_word"] = word
    if st.query_params.get(PARAMETER) != word:
        st.query_params[PARAMETER] = word


def set_slot(
    letter: str, *, knobs: Mapping[str, float] | None = None, options: Mapping[str, Any] | None = None, on_test: bool = False
) -> None:
    """Change one strategy in play; remember its settings before, for "what changed". on_test : the knobs come from a tested query."""
    slots = []
    for slot in view().slots:
        if slot.letter != letter:
            slots.append(slot)
            continue
        moved = knobs or {}
        if knobs is not None:
            remember(slot)
        picked = (*(name for name in slot.picked if name not in moved), *(moved if on_test else ()))
        slots.append(replace(slot, knobs={**slot.knobs, **moved}, options={**slot.options, **(options or {})}, picked=picked))
    change(slots=tuple(slots))


def without_knobs(slot: Slot) -> Slot:
    """Return a slot back at its tuned settings."""
    return replace(slot, knobs={}, picked=())


def add_slot(strategy: str) -> None:
    """Put one more strategy in play and select it."""
    taken = {slot.letter for slot in view().slots}
    free = [letter for letter in LETTERS if letter not in taken]
    if free:
        change(slots=(*view().slots, Slot(letter=free[0], strategy=strategy)), selected=free[0], knob="")


def drop_slot(letter: str) -> None:
    """Take a strategy out of play."""
    slots = tuple(slot for slot in view().slots if slot.letter != letter)
    change(slots=slots, selected=slots[0].letter if slots else "a", knob="")


def remember(slot: Slot) -> None:
    """Keep a strategy's settings as the ones before the last move, and on the pile for undo."""
    st.session_state[f"before.{slot.letter}"] = dict(slot.knobs)
    pile = st.session_state.setdefault("undo", [])
    pile.append((slot.letter, dict(slot.knobs), slot.picked))
    del pile[:-50]


def before(letter: str) -> dict[str, float] | None:
    """Return a strategy's settings before the last move, or None."""
    found: dict[str, float] | None = st.session_state.get(f"before.{letter}")
    return found


def undo() -> None:
    """Go back one move."""
    pile = st.session_state.get("undo", [])
    if not pile:
        return
    letter, knobs, picked = pile.pop()
    slots = tuple(replace(slot, knobs=knobs, picked=picked) if slot.letter == letter else slot for slot in view().slots)
    st.session_state.pop(f"before.{letter}", None)
    change(slots=slots)


def can_undo() -> bool:
    """Whether there is a move to take back."""
    return bool(st.session_state.get("undo"))


def get(key: str, default: Any = None) -> Any:
    """Return a value kept for this session: widgets and components by their key, typed keys, jobs."""
    return st.session_state.get(key, default)


def put(key: str, value: Any) -> None:
    """Keep a value for this session; setting a widget's key is allowed in callbacks and before it is drawn."""
    st.session_state[key] = value


def forget(key: str) -> None:
    """Drop a value kept for this session."""
    st.session_state.pop(key, None)
