"""A small uploaded set (240 queries, so cross-fitted), its study, and some policies on it."""

from __future__ import annotations

import csv

import numpy as np
import pytest

from data import load
from strategies import find
from strategies.study.curves import fitted
from strategies.study.prepare import prepare

MODELS = {"small": (0.6, 0.001), "mid": (0.75, 0.004), "large": (0.9, 0.02)}


@pytest.fixture(scope="session")
def rows():
    """Return the file's rows: scores, answers, costs and latencies of three models."""
    random = np.random.default_rng(0)
    made = []
    for i in range(240):
        row = {"id": f"q{i}", "task": "ab"[i % 2], "prompt": f"Question {i}?", "reference": "1"}
        for model, (right, cost) in MODELS.items():
            score = int(random.random() < right)
            row |= {
                f"{model}_score": score,
                f"{model}_answer": "1" if score else str(random.integers(2, 4)),
                f"{model}_cost_usd": round(cost * (1 + random.random()), 6),
                f"{model}_latency_s": round(random.random(), 3),
            }
        made.append(row)
    return made


def write(path, rows):
    """Write rows as CSV and return the path."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    return path


@pytest.fixture(scope="session")
def file(rows, tmp_path_factory):
    """Return the uploaded file."""
    return write(tmp_path_factory.mktemp("set") / "scores.csv", rows)


@pytest.fixture(scope="session")
def study(file):
    """Return its study."""
    return prepare(load(file))


@pytest.fixture(scope="session")
def cascade(study):
    """Return an agreement cascade with its own settings."""
    return fitted(study, find("agreement-cascade")(chain=("small", "mid", "large"), tau=0.6))


@pytest.fixture(scope="session")
def bandit(study):
    """Return an online method, which draws by its seed."""
    return fitted(study, find("epsilon-greedy")(seed=3))
