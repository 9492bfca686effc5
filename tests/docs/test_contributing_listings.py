"""CONTRIBUTING.md shows a router and a cascade: both run as they stand there, from a folder of one's own."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from data import load
from data.outcomes import Parts
from strategies import Goal, find, frontier, replay
from strategies.conformance import ConformanceError, checks
from strategies.engines.run import exact_mean
from strategies.registry import discover, is_own

ROOT = Path(__file__).resolve().parents[2]
LINES_MOST = 39
SHOWN = {"router": "length-router", "cascade": "doubt-cascade"}


def block(name: str) -> str:
    """Return the code that stands under a mark of CONTRIBUTING.md."""
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    found = re.search(rf"<!-- {name} -->\n```python\n(.*?)```", text, re.DOTALL)
    assert found is not None, name
    return found.group(1)


@pytest.fixture(autouse=True)
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Write both listings into a folder and name it, as the page says; forget them afterwards."""
    folder = tmp_path / "mine"
    folder.mkdir()
    for name in SHOWN:
        (folder / f"{name}.py").write_text(block(name), encoding="utf-8")
    monkeypatch.setenv("ROUTESCOPE_STRATEGIES", str(folder))
    discover.cache_clear()
    yield folder
    discover.cache_clear()
    for name in [name for name in sys.modules if name.startswith("routescope_own.")]:
        del sys.modules[name]


@pytest.fixture(scope="module")
def parts() -> Parts:
    """Return the split of the bundled puzzles."""
    return load("puzzles").split(seed=0)


def test_both_are_found_by_their_ids() -> None:
    """They are one's own, beside all others, and no file is reported as broken."""
    found, problems = discover()
    assert problems == ()
    assert all(is_own(found[identity]) for identity in SHOWN.values())
    assert "margin-cascade" in found


@pytest.mark.parametrize("identity", SHOWN.values())
def test_they_keep_every_promise(identity: str) -> None:
    """Each check that their cards make the suite yield passes, the curve's among them."""
    made = checks(find(identity))
    assert any(name.startswith("curve of") for name, _ in made)
    for _, check in made:
        check()


def test_the_shown_loop_over_the_checks_runs(own: Path) -> None:
    """The lines that run the checks run as they stand; a cascade that keeps what lies below its threshold does not pass them."""
    exec(compile(block("checks"), "CONTRIBUTING.md", "exec"), {})  # noqa: S102  # what is documented is what runs
    broken = block("cascade").replace("sure >= np.float32(self.t)", "sure < np.float32(self.t)")
    (own / "cascade.py").write_text(broken, encoding="utf-8")
    sys.modules.pop("routescope_own.cascade", None)
    discover.cache_clear()
    with pytest.raises(ConformanceError):
        exec(compile(block("checks"), "CONTRIBUTING.md", "exec"), {})  # noqa: S102  # as above


@pytest.mark.parametrize("identity", SHOWN.values())
def test_they_are_fitted_tuned_and_replayed_on_bundled_data(identity: str, parts: Parts) -> None:
    """Fit on fit, tune on calibrate, replay on test: 95 % of the best model's quality, for less money than it."""
    policy = find(identity)().fit(parts.fit).calibrate(parts.calibrate, Goal(keep=0.95))
    run = replay(policy, parts.test)
    best = parts.test.models[int(np.argmax(list(parts.test.mean("quality").values())))]
    assert exact_mean(run.quality) > 0.93 * parts.test.mean("quality")[best]
    assert exact_mean(run.cost_usd) < 0.99 * parts.test.mean("cost_usd")[best]
    assert frontier(policy, parts.test).exact


@pytest.mark.parametrize("name", SHOWN)
def test_they_are_short_and_clean(name: str, own: Path) -> None:
    """Each has fewer than 40 lines, imports and blank lines included, and passes ruff, as the project's own files do."""
    assert len(block(name).splitlines()) <= LINES_MOST
    config = ["--config", str(ROOT / "pyproject.toml")]
    for command in (["check", "--ignore", "INP001"], ["format", "--check"]):
        line = [sys.executable, "-m", "ruff", *command, *config, str(own / f"{name}.py")]
        run = subprocess.run(line, check=False, capture_output=True, text=True, timeout=60)
        assert run.returncode == 0, run.stdout
