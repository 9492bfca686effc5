"""The Trade-offs page in process: what it says and keeps, not how it looks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.components.plane import Nudge
from dashboard.components.trace.amounts import grouped
from dashboard.state import Slot, View, decode, encode

APP = Path(__file__).parents[2] / "streamlit_app.py"


@pytest.fixture
def app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    """The real app with an empty folder of the user's own."""
    monkeypatch.setenv("ROUTESCOPE_HOME", str(tmp_path))
    return AppTest.from_file(str(APP), default_timeout=60)


def _view(app: AppTest) -> View:
    return app.session_state["view"]


def test_home_opens_with_recorded_data_and_strategies_in_play(app: AppTest) -> None:
    """A first visit shows bundled data, at least two strategies, a figure to claim, no error; it writes the view to the address."""
    app.run()
    assert not app.exception
    assert len(_view(app).slots) >= 2
    assert _view(app).data == "puzzles"
    assert "recorded" in app.markdown[0].value
    assert app.selectbox(key="claim.figure").options[0] == "Quality"
    assert "python -m strategies verify claim-margin-cascade-quality.json puzzles" in [each.value for each in app.code]


def test_a_slider_moves_the_policy_and_says_what_changed(app: AppTest) -> None:
    """Moving a threshold's slider lands exactly in the view, and undo brings the old setting back."""
    app.run()
    app.slider(key="a.t1").set_value(0.33).run()
    assert not app.exception
    assert _view(app).slot("a").knobs["t1"] == 0.33
    next(b for b in app.button if b.label == "Undo").click().run()
    assert "t1" not in _view(app).slot("a").knobs


def test_a_drag_on_the_plane_moves_the_slider_too(app: AppTest) -> None:
    """A commit of the component is taken over exactly in the view and rounded in the slider."""
    from types import SimpleNamespace

    from dashboard.pages import tradeoffs

    app.run()
    app.session_state[tradeoffs.STAGE] = SimpleNamespace(commit={"kind": "set", "slot": "a", "knob": "t1", "value": 0.412345, "serial": 1})
    app.session_state["view"] = _committed(app, tradeoffs)
    app.run()
    assert app.slider(key="a.t1").value == pytest.approx(0.41)
    assert _view(app).slot("a").knobs["t1"] == 0.412345


def _committed(app: AppTest, tradeoffs: object) -> View:
    from dataclasses import replace

    view = _view(app)
    moved = Slot(letter="a", strategy=view.slots[0].strategy, knobs={"t1": 0.412345}, options=view.slots[0].options)
    return replace(view, slots=(moved, *view.slots[1:]))


def test_a_link_reopens_the_same_view(app: AppTest) -> None:
    """What a link holds is what the page shows: strategies, settings, selection."""
    app.run()
    first = _view(app)
    wanted = View(data=first.data, slots=(Slot(letter="c", strategy="random-mix", knobs={"share": 0.25}),), selected="c", monthly=5000)
    fresh = AppTest.from_file(str(APP), default_timeout=60)
    fresh.query_params["v"] = encode(wanted)
    fresh.run()
    assert not fresh.exception
    assert fresh.session_state["view"].slots == wanted.slots
    assert fresh.slider(key="c.share").value == pytest.approx(0.25)
    assert decode(fresh.session_state["view_word"]).monthly == 5000


@pytest.mark.parametrize("word", ["broken!", "AAAA"])
def test_a_broken_link_is_said_and_the_page_still_opens(app: AppTest, word: str) -> None:
    """A changed address gives one warning in words and the page as it is."""
    app.query_params["v"] = word
    app.run()
    assert not app.exception
    assert any("cannot be read" in w.value for w in app.warning)


def test_a_link_to_a_set_that_is_not_here_says_which_file_is_needed(app: AppTest) -> None:
    """A link to somebody's upload names the file and offers the bundled set."""
    app.query_params["v"] = encode(View(data="0123456789abcdef", file="gsm8k.csv"))
    app.run()
    assert not app.exception
    assert any("gsm8k.csv" in i.value for i in app.info)
    next(b for b in app.button if "bundled" in b.label).click().run()
    assert _view(app).data == "puzzles"


def test_a_strategy_can_be_added_and_taken_out(app: AppTest) -> None:
    """Adding puts it in play and selects it; taking it out leaves the others."""
    app.run()
    count = len(_view(app).slots)
    app.selectbox(key="add").set_value("zero-router").run()
    assert not app.exception
    assert [s.strategy for s in _view(app).slots][-1] == "zero-router"
    assert _view(app).selected == _view(app).slots[-1].letter
    app.button(key=f"drop.{_view(app).selected}").click().run()
    assert len(_view(app).slots) == count


def test_what_has_to_be_known_is_said_and_can_be_put_away(app: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    """The nudge carries the warnings of the point in hand; one that is dismissed stays away, of a strategy only for that strategy."""
    import streamlit as st

    from dashboard import state
    from dashboard.pages import tradeoffs

    heard, pressed = [], []

    def stage(_scene: object, nudge: Nudge, *, key: str, on_commit: Callable[[], None]) -> None:
        heard.append(nudge)
        if pressed:
            state.put(key, {"commit": {"kind": "dismiss", "target": pressed.pop(), "serial": 1}})
            on_commit()
            st.rerun()

    def dismissed(name: str) -> tuple[list[str], int]:
        pressed.append(name)
        app.run()
        return [each.id for each in heard[-1].cautions], heard[-1].away

    monkeypatch.setattr(tradeoffs, "stage", stage)
    app.run()
    slots = tuple(replace(s, knobs={"t1": 0.5}, picked=("t1",)) if s.letter == "a" else s for s in _view(app).slots)
    app.session_state["view"] = replace(_view(app), slots=slots)
    app.run()
    assert not app.exception
    assert [each.id for each in heard[-1].cautions] == ["tuned-on-test", "assumed-prices"]
    assert dismissed("tuned-on-test") == (["assumed-prices"], 1)
    assert dismissed("assumed-prices") == ([], 2)
    app.button(key="select.b").click().run()
    assert heard[-1].away == 1
    assert dismissed("") == (["assumed-prices"], 0)


def test_foreign_models_in_a_link_are_refused_in_words(app: AppTest) -> None:
    """A link whose chain names models that the data does not have shows why that strategy cannot run."""
    app.run()
    wanted = View(data=_view(app).data, slots=(Slot(letter="a", strategy="margin-cascade", options={"chain": ("x", "y")}),))
    fresh = AppTest.from_file(str(APP), default_timeout=60)
    fresh.query_params["v"] = encode(wanted)
    fresh.run()
    assert not fresh.exception
    assert any("Cannot run" in c.value for c in fresh.caption)


def test_the_slider_of_a_data_bound_knob_has_a_notch_at_the_exact_setting(app: AppTest) -> None:
    """The sidebar shows the cost weight that the plane shows, without an exponent."""
    app.run()
    slot = next(slot for slot in _view(app).slots if slot.strategy == "knn-router")
    app.button(key=f"select.{slot.letter}").click().run()
    slider = app.select_slider(key=f"{slot.letter}.lam")
    assert not any("e" in option for option in slider.options)
    app.query_params["v"] = encode(replace(_view(app), slots=(replace(slot, knobs={"lam": 98765.0}),), selected=slot.letter))
    app.run()
    assert app.select_slider(key=f"{slot.letter}.lam").value == 98765.0


def test_the_badge_explains_the_three_parts_and_the_intervals(app: AppTest) -> None:
    """A newcomer finds fit, calibrate, test and the intervals in words beside the badge."""
    app.run()
    for word in ("fit", "calibrate", "test", "95 %"):
        assert word in app.markdown[0].help


def test_a_budget_in_dollars_is_none_in_seconds(app: AppTest) -> None:
    """Another axis drops the budget drawn on the first; the quality floor stays."""
    app.run()
    app.session_state["view"] = replace(_view(app), lines={"floor": 0.4, "budget": 0.003}, scale="log")
    app.button_group(key="axis").set_value("latency").run()
    assert not app.exception
    assert (_view(app).axis, _view(app).lines, _view(app).scale) == ("latency", {"floor": 0.4}, "")


def test_a_running_reading_of_prompts_can_be_previewed(app: AppTest) -> None:
    """While the prompts of a big set are read, the first 2,000 can be looked at; the badge says so, and the stop stays."""
    import numpy as np

    from dashboard import compute, jobs
    from data.outcomes import outcome_table
    from data.queries import QuerySet
    from data.stores import home

    random = np.random.default_rng(0)
    n = 4500
    quality = (random.random((n, 2)) < (0.5, 0.8)).astype(np.float32)
    queries = QuerySet.build([str(i) for i in range(n)], prompts=[f"prompt number {i}" for i in range(n)])
    table = outcome_table(["weak", "strong"], quality, cost_usd=np.tile([1e-4, 1e-3], (n, 1)), queries=queries)
    key = home.add(table).id
    job = jobs.Job(key=compute.embedding_key(key), title="t", done=2000, total=n)
    part = table.take(compute.preview_rows(table))
    job.partial = part.with_feature("embedding", random.normal(size=(len(part), 8)).astype(np.float32))
    jobs.ALL._jobs[job.key] = job
    try:
        app.query_params["v"] = encode(View(data=key, slots=(Slot(letter="a", strategy="random-mix"),)))
        app.run()
        assert not app.exception
        app.toggle(key="preview").set_value(True).run()
        assert not app.exception
        assert any(f"preview on {grouped(2000)} queries" in m.value for m in app.markdown)
        assert any(b.label == "Stop" for b in app.button)
    finally:
        jobs.ALL.drop(job.key)


def test_models_that_cannot_be_compared_have_a_way_back(app: AppTest) -> None:
    """A choice of models that cannot be compared says so as a sentence and offers the usual ones; nobody is told to upload again."""
    app.run()
    app.query_params["v"] = encode(View(data=_view(app).data, file="x.csv", pool=("tool", "nobody")))
    app.run()
    assert not app.info
    assert app.error[0].value[0].isupper()
    next(b for b in app.button if b.label == "Back to the usual models").click().run()
    assert not app.error
    assert _view(app).pool == ()


def test_scores_belong_to_the_curves_that_are_drawn(app: AppTest) -> None:
    """Another slider in hand draws another curve and has other scores."""
    from dashboard import compute

    app.run()
    study = compute.study(_view(app))
    slot = next(slot for slot in _view(app).slots if slot.strategy == "margin-cascade")
    fits = {slot.letter: compute.in_play(study, slot)}
    first, second = (compute.scores(study, fits, selected=slot.letter, knob=knob)["aiq"][0] for knob in ("t1", "t2"))
    assert first != second
    hand = compute.knob_in_hand(fits[slot.letter])
    assert compute.scores(study, fits)["aiq"][0] == {"t1": first, "t2": second}[hand]


def test_the_best_model_is_not_left_out_in_silence(app: AppTest) -> None:
    """A model whose cost is not known for a tenth of its answers is out of play; the page says so, and why, in sight."""
    from dashboard import compute
    from data.readers.base import Upload
    from data.readers.detect import finish, inspect

    lines = ["id,prompt,small_score,mid_score,large_score,small_cost,mid_cost,large_cost"]
    lines += [f"q{i},question {i},{i % 2},{int(i % 3 > 0)},1,0.001,0.002,{'' if i % 10 == 0 else 0.01}" for i in range(150)]
    key = compute.save(finish(inspect([Upload("holes.csv", "\n".join(lines).encode())])), name="holes")
    app.query_params["v"] = encode(View(data=key))
    app.run()
    assert not app.exception
    assert any("Not in play: large (its cost is known for 90% of its answers only)." in caption.value for caption in app.caption)


def test_a_signal_that_is_computed_is_offered_by_name_and_is_billed(app: AppTest) -> None:
    """Agreement of the puzzles' samples can be chosen as the confidence: it says that draws are paid for, and the bill says so too."""
    from dashboard import compute
    from strategies.study.curves import shown

    app.run()
    box = app.selectbox(key="a.signal")
    assert "agreement of its repeated answers (every further draw is paid for)" in box.options
    assert "confidence that comes with the data" not in box.options
    study, slot = compute.study(_view(app)), _view(app).slot("a")
    before = shown(compute.in_play(study, slot)).cost.mean()
    box.set_value("agreement").run()
    assert not app.exception
    assert _view(app).slot("a").options["signal"] == "agreement"
    assert shown(compute.in_play(compute.study(_view(app)), _view(app).slot("a"))).cost.mean() > before
