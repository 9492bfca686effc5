"""Published benchmarks on the Data page in process, with a hub on loopback: facts first, progress, stop, errors, open, delete."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from dashboard import compute, jobs
from dashboard.components import benchmarks
from data.arms import hidden
from data.hub import base, fetch, shelf
from data.hub.base import sources
from data.stores import home
from tests.benchmarks_small import files
from tests.data_page import opened, texts
from tests.fake_hub import FakeHub, Fault
from tests.worlds import by_hand

DECLARED = dict(sources())


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeHub]:
    """A hub, an empty folder of the user's own, the box open from the start; pages that were switched to in `hub.visited`."""
    monkeypatch.setenv("ROUTESCOPE_HOME", str(tmp_path))
    monkeypatch.setenv("HF_HOME", str(tmp_path / "no-token"))
    with FakeHub() as made:
        made.reached(monkeypatch)
        for name in ("routerbench", "routellm-gsm8k", "embedllm"):
            made.put(DECLARED[name], files(name))
        yield made


@pytest.fixture
def visited(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the list of pages that were switched to."""
    pages: list[str] = []
    monkeypatch.setattr("dashboard.pages.go", pages.append)
    return pages


def shown() -> AppTest:
    """Return the page with the box of benchmarks open, as a press on it leaves it."""
    app = opened()
    app.session_state[benchmarks.BOX] = True
    app.run()
    assert not app.exception
    return app


def press(app: AppTest, key: str) -> AppTest:
    """Press a button by its key."""
    app.button(key=key).click().run()
    assert not app.exception
    return app


def job(source_id: str) -> jobs.Job:
    """Return the fetch of a source."""
    found = jobs.ALL.get(benchmarks._key_of(source_id))
    assert found is not None
    return found


def until(app: AppTest, met: Callable[[], bool]) -> AppTest:
    """Wait for something, then draw the page again."""
    end = time.monotonic() + 30
    while not met():
        assert time.monotonic() < end
        time.sleep(0.02)
    app.run()
    assert not app.exception
    return app


def keys(app: AppTest) -> set[str]:
    """Return the keys of the buttons of benchmarks."""
    return {button.key for button in app.button if button.key and button.key.partition(".")[0] in {"fetch", "fetched", "clear", "stop"}}


def test_a_closed_box_looks_nothing_up(hub: FakeHub) -> None:
    """Before the box is opened there is no button, and nobody was asked anything, nor after."""
    assert not keys(opened())
    assert keys(shown()) == {"fetch.routerbench", "fetch.routellm-gsm8k", "fetch.embedllm"}
    assert not hub.calls


def test_licence_size_and_shape_stand_there_before_anything_is_fetched(hub: FakeHub, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of every benchmark: as published, queries and models, licence or "not stated", size, its page and its paper."""
    monkeypatch.setattr(base, "sources", lambda: DECLARED)
    said = texts(shown())
    for source in DECLARED.values():
        assert source.title in said
        assert f"{source.queries:,} queries × {source.models:,} models" in said
        assert source.page in said
        assert f"arXiv {source.paper}" in said or not source.paper
    assert "Licence: not stated · 99.6 MB" in said
    assert "Licence: Apache-2.0 · about 275 MB" in said


def test_one_press_fetches_and_open_opens(hub: FakeHub, visited: list[str]) -> None:
    """Fetch leads to a set of this machine with its commit; Open makes it the view's data and goes to Trade-offs."""
    app = press(shown(), "fetch.routellm-gsm8k")
    until(app, lambda: job("routellm-gsm8k").phase != "running")
    assert "Here as **RouteLLM, GSM8K**, commit 0b64fda." in texts(app)
    [entry] = home.entries()
    assert entry.title == "RouteLLM, GSM8K"
    press(app, "fetched.routellm-gsm8k")
    assert app.session_state["view"].data == entry.id
    assert compute.table(entry.id).origin.licence == "Apache-2.0"


def test_progress_says_bytes_and_stop_ends_it(hub: FakeHub) -> None:
    """While it runs there is a bar in bytes and a stop; stopped, the rest can be fetched later or what is here deleted."""
    hub.put(DECLARED["routerbench"], {"routerbench_0shot.pkl": files("routerbench")["routerbench_0shot.pkl"] + b"x" * 3_000_000})
    hub.block_s = 0.05
    app = press(shown(), "fetch.routerbench")
    until(app, lambda: job("routerbench").done > 200_000)
    assert "stop.routerbench" in keys(app)
    assert job("routerbench").said.startswith("Downloading ")
    assert job("routerbench").said.endswith(" of 3.0 MB")
    press(app, "stop.routerbench")
    until(app, lambda: job("routerbench").phase == "stopped")
    assert {"fetch.routerbench", "clear.routerbench"} <= keys(app)
    assert app.button(key="fetch.routerbench").label == "Go on"
    hub.block_s = 0
    press(app, "fetch.routerbench")
    until(app, lambda: job("routerbench").phase == "done")
    assert "Here as **RouterBench**" in texts(app)
    press(app, "clear.routerbench")
    assert shelf.kept(base.find("routerbench")) == 0
    assert "fetched.routerbench" in keys(app)
    assert home.entries()


def test_without_a_connection_the_page_says_how_to_do_it_by_hand(hub: FakeHub, monkeypatch: pytest.MonkeyPatch) -> None:
    """The reason, the page to download from and the folder to put it into are there; files put there are taken by the next press."""
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    app = press(shown(), "fetch.routerbench")
    until(app, lambda: job("routerbench").phase != "running")
    said = texts(app)
    assert "huggingface.co can't be reached (no connection)" in said
    source = base.find("routerbench")
    assert str(shelf.by_hand(source)) in said
    assert app.button(key="fetch.routerbench").label == "Try again"
    shelf.by_hand(source).mkdir(parents=True)
    (shelf.by_hand(source) / "routerbench_0shot.pkl").write_bytes(files("routerbench")["routerbench_0shot.pkl"])
    press(app, "fetch.routerbench")
    until(app, lambda: job("routerbench").phase == "done" and not isinstance(job("routerbench").result, Exception))
    assert "Here as **RouterBench**" in texts(app)


def test_more_than_was_shown_is_asked_for_again(hub: FakeHub) -> None:
    """Files that have grown are fetched only after a second press that names their size."""
    hub.put(DECLARED["embedllm"], files("embedllm"), about_bytes=100)
    app = press(shown(), "fetch.embedllm")
    until(app, lambda: job("embedllm").phase != "running")
    assert app.button(key="fetch.embedllm").label.startswith("Fetch 0.")
    assert not home.entries()
    press(app, "fetch.embedllm")
    until(app, lambda: job("embedllm").phase == "done" and bool(home.entries()))
    assert "Here as **EmbedLLM, test part**" in texts(app)


def test_a_wrong_checksum_is_told_and_a_deleted_set_can_be_fetched_again(hub: FakeHub) -> None:
    """Bytes that are not the published ones are named; a set that was deleted in the gallery is made again without a download."""
    hub.faults["gsm8k_responses"] = [Fault(wrong=True)]
    app = press(shown(), "fetch.routellm-gsm8k")
    until(app, lambda: job("routellm-gsm8k").phase != "running")
    assert "is not the file that was published" in texts(app)
    press(app, "fetch.routellm-gsm8k")
    until(app, lambda: bool(home.entries()) and job("routellm-gsm8k").phase == "done")
    compute.delete(home.entries()[0].id)
    asked = len(hub.calls)
    app.run()
    press(app, "fetch.routellm-gsm8k")
    until(app, lambda: bool(home.entries()) and job("routellm-gsm8k").phase == "done")
    assert len(hub.calls) == asked


def test_a_fetched_set_is_shown_as_published_with_its_source(hub: FakeHub) -> None:
    """On its card stands "published", not "yours", and the page that it is from; a version with changes says so; an upload stays yours."""
    key = fetch("routellm-gsm8k").key
    compute.table.clear()  # other tests have fetched the same figures
    home.add(by_hand([[1, 0], [0, 1]]), title="mine")
    source = base.find("routellm-gsm8k")
    page = f"From [github.com/lm-sys/RouteLLM]({source.page}), commit 0b64fda"
    said = texts(opened())
    assert ":violet-badge[published] 6 queries × 2 models" in said
    assert f"{page}." in said
    assert said.count(":blue-badge[yours]") == said.count("-badge[yours]") == 1
    kept = home.get(key)
    home.add(kept.noted("audit", "looked at", finding="x", choice="keep"), title="looked at")
    compute.table.clear()
    assert f"{page}." in texts(opened())
    home.add(hidden(kept, [kept.models[0]]), title="with one model")
    said = texts(opened())
    assert f"{page}; changed here since." in said
    assert said.count("-badge[yours]") == 1


def test_a_fetched_set_that_is_damaged_breaks_neither_its_card_nor_the_box(hub: FakeHub) -> None:
    """Where the table can't be opened any more the page says so, and is there."""
    key = fetch("routellm-gsm8k").key
    (home.home() / "sets" / key / "table" / "meta.json").write_text("{", encoding="utf-8")
    for cached in (compute.table, compute.facts, compute.kept):  # other tests have opened the same figures
        cached.clear()
    said = texts(shown())
    assert "cannot be opened" in said
    assert "Here as **RouteLLM, GSM8K**, commit 0b64fda." in said


def test_another_version_by_hand_is_read_with_a_second_press(hub: FakeHub) -> None:
    """A file in the folder that is not the published one is told with both checksums; read anyway, the card and the box say what it is."""
    source = base.find("routerbench")
    data = files("routerbench")["routerbench_0shot.pkl"] + b"x"
    shelf.by_hand(source).mkdir(parents=True)
    (shelf.by_hand(source) / "routerbench_0shot.pkl").write_bytes(data)
    app = press(shown(), "fetch.routerbench")
    until(app, lambda: job("routerbench").phase != "running")
    mine, published = hashlib.sha256(data).hexdigest(), source.files[0].sha256
    assert f"its SHA-256 is {mine}, not {published}" in texts(app)
    assert app.button(key="fetch.routerbench").label == "Read it anyway"
    assert not home.entries()
    press(app, "fetch.routerbench")
    until(app, lambda: job("routerbench").phase == "done" and bool(home.entries()))
    said = texts(app)
    assert "Here as **RouterBench**, another version than published, put here by hand." in said
    assert f"From [huggingface.co/withmartian/routerbench]({source.page}), another version than published, put here by hand." in said
    assert any(published in (caption.help or "") for caption in app.caption)
    assert not hub.calls
