"""What all tests share: where the recorded data lies, and a home folder that is nobody's."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# No test asserts a time, and every run draws the same examples; `HYPOTHESIS_PROFILE=explore` draws others.
settings.register_profile("suite", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("explore", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "suite"))

SHARED_DATA = Path(__file__).resolve().parents[1].parent / "shared" / "data"


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Return the folder of recorded outcomes beside the repository; without it CI fails and others skip."""
    if not SHARED_DATA.is_dir():
        reason = f"the recorded outcomes are not in {SHARED_DATA.name} beside the repository"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    return SHARED_DATA


@pytest.fixture(scope="session", autouse=True)
def _home_of_nobody(tmp_path_factory: pytest.TempPathFactory):
    """Keep whatever tests store out of the user's own data folder."""
    patch = pytest.MonkeyPatch()
    patch.setenv("ROUTESCOPE_HOME", str(tmp_path_factory.mktemp("home")))
    yield
    patch.undo()


# Sweeps over everything there is run lines without looking at each: coverage counts the tests that were written for them. It also
# doubles the time of pure Python, and these are most of it.
_UNCOUNTED = ("conformance", "properties", "app", "docs")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave the tests that run whole sweeps out of the coverage."""
    here = Path(__file__).parent
    for item in items:
        if item.path.relative_to(here).parts[0] in _UNCOUNTED:
            item.add_marker("no_cover")
