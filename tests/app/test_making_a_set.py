"""The steps of the Data page in process: memory of mappings, units, models, earlier steps, other sets, stopping a read."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from dashboard import drafts
from dashboard.components import arms, uploads
from data.history import export
from data.readers.base import Upload
from data.readers.detect import inspect
from data.stores import home, mappings
from tests.data_page import add, graded, labels, opened, press, rested, texts, two_models


@pytest.fixture
def gone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """An empty folder of the user's own; the list of pages that were switched to."""
    monkeypatch.setenv("ROUTESCOPE_HOME", str(tmp_path))
    visited: list[str] = []
    monkeypatch.setattr("dashboard.pages.go", visited.append)
    return visited


def _mean(entry_id: str) -> dict[str, float]:
    return home.get(entry_id).mean("quality")


def _word(app: AppTest, word: str, means: str) -> AppTest:
    next(c for c in app.segmented_control if c.label == f"`{word}`").set_value(means).run()
    return rested(app)


def test_words_of_scores_are_asked_once_and_remembered(gone: list[str]) -> None:
    """Words that are no scores are asked for, the next file of the shape says that they are known, and that can be undone and forgotten."""
    app = add(opened(), graded())
    assert "The scores hold words that are not known" in texts(app)
    _word(_word(app, "gut", "right"), "schlecht", "wrong")
    press(app, "Save and open")
    assert _mean(home.entries()[0].id) == pytest.approx({"a": 0.5, "b": 2 / 3})
    again = add(opened(), graded("second.csv", 90))
    said = texts(again)
    assert "**Mapped as last time** (file first.csv," in said
    assert "words for right, words for wrong" in said
    assert "90 queries, 2 models, quality known for all" in said
    press(again, "Undo")
    assert "'gut' is not a score." in texts(again)
    press(again, "Map it the same way")
    assert "'gut' is not a score." not in texts(again)
    press(again, "Forget it")
    assert "Mapped as last time" not in texts(again)
    assert "'gut' is not a score." in texts(again)
    assert mappings.recall(inspect([Upload(*graded())])) == mappings.Recalled()


def test_what_was_not_corrected_is_not_remembered(gone: list[str]) -> None:
    """A file that is saved as it was understood leaves nothing behind for the next."""
    app = add(opened(), ("two.csv", two_models()))
    press(app, "Save and open")
    assert "as last time" not in texts(add(opened(), ("three.csv", two_models(70))))


def test_the_unit_of_a_cost_can_be_chosen(gone: list[str]) -> None:
    """A cost in cents is read as such after one choice, which shows an example, and is kept for the next file of the shape."""
    content = two_models(small_cost=[2] * 60, large_cost=[50] * 60)
    app = add(opened(), ("costs.csv", content))
    unit = next(box for box in app.selectbox if box.label == "Costs are in")
    assert unit.value == "USD per query"
    unit.set_value("US cents per query").run()
    rested(app)
    assert "2 in the file is \\$0.0200 a query." in texts(app)
    press(app, "Save and open")
    assert home.get(home.entries()[0].id).mean("cost_usd") == pytest.approx({"small": 0.02, "large": 0.5})
    again = add(opened(), ("more.csv", content.replace(b"q1,", b"q1x,")))
    assert "units" in texts(again)
    assert next(box for box in again.selectbox if box.label == "Costs are in").value == "US cents per query"


def test_a_unit_in_the_name_is_chosen_already(gone: list[str]) -> None:
    """A latency column in milliseconds is shown as such, and is in seconds in the set."""
    app = add(opened(), ("slow.csv", two_models(small_latency_ms=[250] * 60, large_latency_ms=[1500] * 60)))
    assert next(box for box in app.selectbox if box.label == "Latencies are in").value == "milliseconds"
    press(app, "Save and open")
    assert home.get(home.entries()[0].id).mean("latency_s") == pytest.approx({"small": 0.25, "large": 1.5})


def test_columns_with_units_of_their_own_keep_them(gone: list[str]) -> None:
    """Where one latency is in ms and another in s, the choice says that each has its own, and both reach the set."""
    app = add(opened(), ("mixed.csv", two_models(small_latency_ms=[250] * 60, large_latency_s=[2] * 60)))
    unit = next(box for box in app.selectbox if box.label == "Latencies are in")
    assert unit.value == "what each column's name says"
    press(app, "Save and open")
    assert home.get(home.entries()[0].id).mean("latency_s") == pytest.approx({"small": 0.25, "large": 2.0})


def _zeroeval(shared_data: Path) -> tuple[str, bytes]:
    path = shared_data / "zeroeval_crux" / "crux_correct.csv"
    return path.name, path.read_bytes()


def test_two_of_fifty_one_models_in_one_press(gone: list[str], shared_data: Path) -> None:
    """One press keeps the cheapest and the best of 51 models; the prices step asks for these two alone, the history says so."""
    app = add(opened(), _zeroeval(shared_data))
    press(app, "Cheapest and best")
    assert any(expander.label.startswith("Models: 2 of 51 stay") for expander in app.expander)
    assert len([n for n in app.number_input if "per 1,000 queries" in n.label]) == 2
    press(app, "Save and open")
    table = home.get(home.entries()[0].id)
    assert len(table.models) == 2
    assert "o1-preview-2024-09-12" in table.models
    hidden = next(line for line in table.history if line.action == "models hidden")
    assert len(hidden.values["names"]) == 49


def test_any_two_of_fifty_one_by_name(gone: list[str], shared_data: Path) -> None:
    """The box keeps exactly the models that are named in it; the way back keeps all."""
    app = add(opened(), _zeroeval(shared_data))
    next(box for box in app.multiselect if box.label == "Keep only").set_value(["gpt-4o-mini-2024-07-18", "Qwen2-7B-Instruct"]).run()
    assert any(expander.label.startswith("Models: 2 of 51 stay") for expander in app.expander)
    press(app, "Undo all")
    assert any(expander.label.startswith("Models: choose, rename, merge or reorder the 51") for expander in app.expander)


def test_hosts_of_one_model_are_merged_in_one_press(gone: list[str], shared_data: Path) -> None:
    """The two hosts of Llama 3.1 405B become one model whose score is the mean of both."""
    app = add(opened(), _zeroeval(shared_data))
    press(app, "Merge into Meta-Llama-3.1-405B-Instruct")
    press(app, "Save and open")
    table = home.get(home.entries()[0].id)
    assert len(table.models) == 50
    assert table.mean("quality")["Meta-Llama-3.1-405B-Instruct"] == pytest.approx((0.73 + 0.73375) / 2, abs=0.002)


def _typed(app: AppTest, *models: str, **edits: object) -> AppTest:
    """Type into the rows of the list of models: r0={"name": ...}, r1={"stays": False}."""
    key = f"{app.session_state['upload.draft'].widgets}.{drafts.digest(models)}.arms.rows.0"
    rows = {int(row[1:]): values for row, values in edits.items()}
    app.session_state[key] = {"edited_rows": rows, "added_rows": [], "deleted_rows": []}
    app.run()
    assert not app.exception
    return app


def test_renames_and_ticks_reach_the_set(gone: list[str]) -> None:
    """A typed name renames a model, an unticked box hides one."""
    app = add(opened(), ("three.csv", two_models(mid_score=[1] * 60)))
    _typed(app, "small", "large", "mid", r0={"name": "tiny"}, r1={"stays": False})
    press(app, "Save and open")
    assert home.get(home.entries()[0].id).models == ("tiny", "mid")


def test_presets_of_models_without_prices_go_by_size() -> None:
    """Where neither costs nor list prices are known, what is cheap goes by the size in the name."""
    assert arms.size("some-8x7B-chat") == 56
    assert arms.size("new_3b") == 3
    assert math.isnan(arms.size("gpt-4"))
    nan = float("nan")
    models = [
        arms.Arm(name=n, shown=n, quality=q, cost=nan, weight=arms.size(n), known=1)
        for n, q in (("x-70b", 0.9), ("x-8b", 0.85), ("x-1b", 0.3))
    ]
    found = arms.presets(models)
    assert found["Cheapest and best"] == ("x-1b", "x-70b")
    assert found["Best, and the cheapest within 10 points"] == ("x-8b", "x-70b")


def test_steps_of_an_earlier_set_are_played_on_the_next_file(gone: list[str]) -> None:
    """Mapping and choices of a kept set, or of its exported history, are applied to the next version of the file, and can be undone."""
    app = add(opened(), graded())
    _word(_word(app, "gut", "right"), "schlecht", "wrong")
    _typed(app, "a", "b", r0={"name": "alpha"})
    press(app, "Save and open")
    entry = home.entries()[0]
    mappings.forget(mappings.shape_key(inspect([Upload(*graded())])))
    again = add(opened(), graded("next.csv", 90))
    next(box for box in again.selectbox if box.label == "Of a set on this machine").set_value(entry.id).run()
    press(again, "Apply its steps")
    assert "**The steps of first are applied**" in texts(again)
    assert "90 queries, 2 models, quality known for all" in texts(again)
    press(again, "Undo")
    assert "'gut' is not a score." in texts(again)
    steps = next(up for up in again.file_uploader if "history" in up.label)
    steps.set_value([("steps.json", export(home.get(entry.id)).encode(), "application/json")]).run()
    press(rested(again), "Save and open")
    table = home.get(home.entries()[0].id)
    assert table.models == ("alpha", "b")
    assert len(table) == 90


def test_a_file_that_is_no_history_is_refused(gone: list[str]) -> None:
    """Any other JSON is refused in words and changes nothing."""
    app = add(opened(), ("two.csv", two_models()))
    next(up for up in app.file_uploader if "history" in up.label).set_value([("x.json", b"{}", "application/json")]).run()
    assert "this JSON is no history of a table." in texts(app)
    assert "Save and open" in labels(app)


def test_a_set_of_its_own_is_opened_instead(gone: list[str], shared_data: Path) -> None:
    """Two sets in one upload: the other one can be opened with one press, and the way back leads to both."""
    files = [
        shared_data / "omnisbench" / name
        for name in ("2026-08-19_results.json", "fresh-16k-2026-08-20_results.json", "pricing_2026-08-18.yaml")
    ]
    app = add(opened(), *((path.name, path.read_bytes()) for path in files))
    assert "364 queries, 4 models" in texts(app)
    press(app, "Open fresh-16k-2026-08-20_results.json instead")
    assert "35 queries, 4 models" in texts(app)
    press(app, "Back to all files")
    assert "364 queries, 4 models" in texts(app)


def test_a_name_for_several_files_of_folders() -> None:
    """The name offered is what the names of the files have in common, without their folders."""
    files = [Upload(f"set/part_{i}.csv", two_models(30).replace(b"q", f"{i}q".encode())) for i in range(3)]
    reading = inspect(files)
    draft = drafts.drafted("k", tuple(files), tuple(files), reading, mappings.Recalled())
    assert drafts.suggested(draft) == "part"


def test_a_long_read_can_be_stopped_and_taken_up_again(gone: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """While files are read the page says how far it is; Stop ends the work at its next step, and the files are still there."""
    import time

    from data.readers import detect, watch

    real = detect.inspect

    def slowly(files: Sequence[Upload]):
        for done in range(400):
            watch.step(done, 400)
            time.sleep(0.05)
        return real(files)

    monkeypatch.setattr(detect, "inspect", slowly)
    monkeypatch.setattr("dashboard.components.waiting.PATIENCE_S", 0.1)
    app = opened()
    app.file_uploader[0].set_value([("two.csv", two_models(), "text/csv")]).run()
    assert any(element.proto.text.startswith("Reading two.csv") for element in app.get("progress"))
    job = uploads.jobs.ALL.get(app.session_state["upload.job"])
    assert job is not None
    next(button for button in app.button if button.label == "Stop").click().run()
    end = time.monotonic() + 20
    while job.phase == "running" and time.monotonic() < end:
        time.sleep(0.05)
    assert job.phase == "stopped"
    app.run()
    assert "Reading was stopped; the files are still here." in texts(app)
    monkeypatch.setattr(detect, "inspect", real)
    press(app, "Read again")
    assert "60 queries, 2 models" in texts(app)
