"""Kept sets on the Data page in process: findings decided later, versions, models, logs without scores, what can be taken away."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from dashboard import audits, compute
from data.audit import audit_key
from data.history import export
from data.readers.base import Upload
from data.readers.detect import inspect
from data.stores import home
from tests.data_page import add, labels, metered, opened, page, press, texts, two_models


@pytest.fixture
def gone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """An empty folder of the user's own; the list of pages that were switched to."""
    monkeypatch.setenv("ROUTESCOPE_HOME", str(tmp_path))
    visited: list[str] = []
    monkeypatch.setattr("dashboard.pages.go", visited.append)
    return visited


def _finding(app: AppTest, start: str, name: str):
    return app.segmented_control(
        key=next(c.key for c in app.segmented_control if c.key and c.key.startswith(start) and c.key.endswith(f".finding.{name}"))
    )


def test_findings_say_what_each_choice_does_and_can_wait(gone: list[str]) -> None:
    """A finding shows the effect of each choice; it can be left open, is decided later on the data card, and that is a new version."""
    app = add(opened(), ("metered.csv", metered()))
    said = texts(app)
    assert "Zero cost with tokens" in said
    assert "**Exclude**" in said
    press(app, "Save and open")
    first = home.entries()[0]
    assert not [line for line in home.get(first.id).history if line.action == "audit"]
    app.segmented_control(key="card.section").set_value("audit").run()
    _finding(app, f"card.{first.id}", "zero_cost_with_tokens").set_value("exclude").run()
    next(button for button in app.button if button.label == "Decide and save").click().run()
    assert "metered stays as it was" in texts(app)
    second = home.entries()[0]
    assert second.title == "metered (version 2)"
    assert (home.get(first.id).fingerprint, len(home.get(first.id)), len(home.get(second.id))) == (first.id, 80, 70)
    assert [line.values["choice"] for line in home.get(second.id).history if line.action == "audit"] == ["exclude"]
    assert app.session_state["view"].data == second.id


def test_a_choice_that_changes_no_figure_is_noted_in_the_same_set(gone: list[str]) -> None:
    """Keeping a finding changes the history alone, so the set keeps its key, and the badge counts it as decided."""
    app = add(opened(), ("metered.csv", metered()))
    press(app, "Save and open")
    key = home.entries()[0].id
    app.segmented_control(key="card.section").set_value("audit").run()
    before = len(compute.audit_of(key).open)
    _finding(app, f"card.{key}", "zero_cost_with_tokens").set_value("keep").run()
    press(app, "Decide and save")
    assert [entry.id for entry in home.entries()] == [key]
    assert len(compute.audit_of(key).open) == before - 1
    assert "1 decided" in texts(app)


def test_models_of_a_kept_set_are_chosen_later(gone: list[str]) -> None:
    """On the data card a press and Apply make a version with two of the three models."""
    app = add(opened(), ("three.csv", two_models(mid_score=[1] * 60, small_cost=[1] * 60, large_cost=[3] * 60, mid_cost=[2] * 60)))
    press(app, "Save and open")
    app.segmented_control(key="card.section").set_value("models").run()
    press(app, "Cheapest and best")
    press(app, "Apply and save")
    entry = home.entries()[0]
    assert (entry.title, entry.models) == ("three (version 2)", 2)
    assert home.get(entry.id).history[-1].action == "models hidden"


def test_a_log_without_scores_is_kept_and_shown(gone: list[str], shared_data: Path) -> None:
    """A batch log is saved without the promise of a comparison; its data card counts calls and says what is missing."""
    folder = shared_data / "log_formats" / "openai_batch"
    app = add(opened(), *((path.name, path.read_bytes()) for path in sorted(folder.glob("*.jsonl"))))
    assert "quality not recorded" in texts(app)
    press(app, "Save")
    assert gone == []
    assert "Nothing says which answers were right." in texts(app)
    for section in ("audit", "models", "known", "history"):
        app.segmented_control(key="card.section").set_value(section).run()
        assert not app.exception, section


def test_the_history_can_be_taken_away(gone: list[str]) -> None:
    """The history of a kept set is a file that leads to the same table again."""
    app = add(opened(), ("two.csv", two_models()))
    press(app, "Save and open")
    app.segmented_control(key="card.section").set_value("history").run()
    assert any(button.proto.label == "Save the history (JSON)" for button in app.get("download_button"))
    text = export(home.get(home.entries()[0].id))
    assert json.loads(text)["lines"][0]["action"] == "read"


def test_the_report_is_the_same_in_both_forms(gone: list[str]) -> None:
    """The audit of a kept set can be taken away as Markdown and as a page; both name the finding."""
    from dashboard.components import report

    app = add(opened(), ("metered.csv", metered()))
    press(app, "Save and open")
    key = home.entries()[0].id
    markdown, page = report.written(key, "md"), report.written(key, "html")
    assert markdown.startswith("# Audit of metered")
    assert "Zero cost with tokens" in markdown
    assert "Zero cost with tokens" in page
    assert page.lstrip().lower().startswith("<!doctype html")


def test_a_long_audit_does_not_hold_the_page(gone: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """While the audit of a draft runs the page shows its progress, and the set can be saved."""
    import threading

    go_on = threading.Event()
    real = audits.audit
    monkeypatch.setattr(audits, "audit", lambda table, progress: (go_on.wait(30), real(table, progress))[1])
    monkeypatch.setattr(audits, "SOON_S", 0.05)
    app = AppTest.from_function(page, default_timeout=60)
    go_on.set()
    app.run()
    go_on.clear()
    add(app, ("metered.csv", metered()))
    said = [element.proto.text for element in app.get("progress")]
    assert any("Looking at the numbers themselves" in text for text in said), said
    assert "Save and open" in labels(app)
    go_on.set()
    for _ in range(100):
        app.run()
        if "Zero cost with tokens" in texts(app):
            break
    assert "Zero cost with tokens" in texts(app)


def test_findings_of_two_histories_are_two_audits() -> None:
    """A table whose finding was kept is another audit than the table before, though every figure is the same."""
    from data.audit import apply, audit
    from data.readers.detect import finish

    table = finish(inspect([Upload("metered.csv", metered())]))
    finding = next(f for f in audit(table) if f.id == "zero_cost_with_tokens")
    kept = apply(table, finding, "keep")
    assert table.fingerprint == kept.fingerprint
    assert audit_key(table) != audit_key(kept)
    assert finding.id in {f.id for f in audits.looked(audit_key(table), table, wait_s=audits.PATIENT_S).open}
    assert finding.id not in {f.id for f in audits.looked(audit_key(kept), kept, wait_s=30).open}
