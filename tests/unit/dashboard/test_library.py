"""The sets of this machine: names of versions, what they came from; audits that are kept and trimmed; the picture of known answers."""

from pathlib import Path

import numpy as np
import pytest

from dashboard import audits, jobs, library
from dashboard.charts import missing
from dashboard.charts.table import table as html_table
from data.outcomes import OutcomeTable
from data.queries import QuerySet
from data.readers.base import Upload
from tests.worlds import NAN, by_hand


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep every test's sets in a folder of its own."""
    monkeypatch.setenv("ROUTESCOPE_HOME", str(tmp_path))


def test_versions_are_numbered_and_never_named_twice():
    """The first change of a set is its version 2, the next one 3; a number that is taken is passed over."""
    assert library.version_name("mine", {"mine"}) == "mine (version 2)"
    assert library.version_name("mine", {"mine", "mine (version 2)"}) == "mine (version 3)"
    assert library.version_name("mine (version 2)", {"mine", "mine (version 2)"}) == "mine (version 3)"


def test_a_version_keeps_the_files_of_its_set():
    """What a set came from can be handed on to the set that is made of it."""
    key = library.save(by_hand([[1, 0], [0, 1]]), name="mine", files=[Upload("a.csv", b"x")])
    files = library.files_of(key)
    again = library.save(by_hand([[1, 0], [1, 1]]), name="other", files=files)
    assert library.files_of(again) == files
    assert [file.name for file in files] == ["a.csv"]
    assert library.files_of("everyday-2k") == ()


def test_an_audit_that_fails_is_said_and_harms_nothing(monkeypatch):
    """A check that breaks leaves words behind, no exception, and another look starts anew."""
    table = by_hand([[1, 0]] * 30)
    monkeypatch.setattr(audits, "audit", lambda _table, _progress: 1 / 0)
    failed = audits.looked("broken", table, wait_s=5)
    assert "ZeroDivisionError" in failed.error
    assert (failed.ready, failed.findings) == (True, ())
    monkeypatch.undo()
    assert audits.looked("broken", table, wait_s=audits.PATIENT_S).error == ""


def test_jobs_that_have_ended_are_trimmed_and_running_ones_stay():
    """Of the jobs of a kind the oldest are forgotten beyond a number; one that runs is none of them."""
    import threading

    go_on, kept = threading.Event(), jobs.Jobs()
    kept.start("a.run", "t", lambda _job: go_on.wait(20))
    for i in range(4):
        jobs.wait(kept.start(f"a.{i}", "t", lambda _job: None), 5)
    kept.trim("a.", 2)
    left = [key for key in ("a.run", "a.0", "a.1", "a.2", "a.3") if kept.get(key) is not None]
    go_on.set()
    assert left == ["a.run", "a.2", "a.3"]


def test_known_answers_of_a_log_are_its_calls():
    """Where nothing is scored the picture shows the calls that were made; else the answers whose quality is known."""
    nothing = np.full((4, 2), NAN)
    log = OutcomeTable(
        queries=QuerySet.build(list("abcd")), models=("x", "y"),
        numbers={"quality": nothing, "cost_usd": np.array([[1, NAN], [1, NAN], [NAN, 2], [NAN, 2]])},
    )  # fmt: skip
    share, first = missing.known_share(log)
    np.testing.assert_array_equal(share, [[1, 1, 0, 0], [0, 0, 1, 1]])
    assert first.tolist() == [1, 2, 3, 4]
    scored, _ = missing.known_share(by_hand([[1, NAN], [0, 1]], cost=[[1, 1], [1, 1]]))
    np.testing.assert_array_equal(scored, [[1, 1], [0, 1]])


def test_only_tables_of_figures_refuse_to_wrap():
    """Sentences in the last column wrap on a phone; prices beside figures do not."""
    assert "rs-figures" in html_table(("a", "b"), [["x", "1"]], right=(1,)).split("</style>")[1]
    assert "rs-figures" not in html_table(("a", "b"), [["x", "long words"]]).split("</style>")[1]
