"""Nothing heavy is imported before something needs it (law 8)."""

import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = ("sentence_transformers", "torch", "sklearn", "openai", "scipy", "streamlit", "plotly", "transformers", "xllamacpp")
REPLAY = """
import numpy as np, strategies, data
from data.outcomes import outcome_table
from strategies import find, frontier, replay, tune, Goal
table = outcome_table(["a", "b"], np.array([[0, 1], [1, 1]] * 50), cost_usd=np.array([[1, 9]] * 100),
                      signals={"margin": np.tile([[.2, .1], [.9, .1]], (50, 1))})
parts = table.split(seed=0)
policy = tune(find("margin-cascade")().fit(parts.fit), parts.calibrate, Goal(keep=.9))
replay(policy, parts.test).summary()
frontier(policy, parts.test)
replay(find("zero-router")().fit(parts.fit), parts.test)
"""


def loaded(code):
    """Return the heavy packages that a fresh interpreter has loaded after some code."""
    tail = f"\nimport sys; print(*[name for name in {HEAVY!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code + tail], capture_output=True, text=True, check=True, timeout=120)
    return done.stdout.split()


@pytest.mark.parametrize("code", ["import strategies, data; from strategies import find; find('margin-cascade')", REPLAY])
def test_strategies_replay_without_anything_heavy(code):
    """Finding, fitting, tuning, replaying and drawing curves on recorded signals loads no model, client or page library."""
    assert loaded(code) == []


@pytest.mark.parametrize(
    "module", ["strategies.conformance", "strategies.predictors.embeddings", "strategies.study.decisions", "data.live"]
)
def test_no_module_loads_something_heavy_when_imported(module):
    """Even the modules that use them import heavy packages only when called."""
    assert loaded(f"import {module}") == []


FIRST_PAGE = """
import os, pathlib
from streamlit.testing.v1 import AppTest
app = AppTest.from_file(os.environ["ROUTESCOPE_APP"], default_timeout=60).run()
assert not app.exception, app.exception
assert app.session_state["view"].slots
"""


def test_the_first_page_loads_no_model_library(monkeypatch, tmp_path):
    """After home is drawn, none of torch, sentence-transformers, scikit-learn or openai is loaded: its signals are recorded."""
    monkeypatch.setenv("ROUTESCOPE_APP", str(Path(__file__).resolve().parents[2] / "streamlit_app.py"))
    monkeypatch.setenv("ROUTESCOPE_HOME", str(tmp_path))
    assert set(loaded(FIRST_PAGE)) <= {"streamlit", "plotly"}  # streamlit loads plotly by itself to set its theme
