"""RouteLLM's own recordings (arXiv 2406.18665): counts, optimal curve, APGR and CPT on MMLU and GSM8K; RouterArena's board.

Raw files of lm-sys/RouteLLM at 0b64fda, beside this repository in shared/data. Strong gpt-4-1106-preview, weak
Mixtral-8x7B-Instruct-v0.1; contaminated prompts dropped; repeated prompts kept.
"""

import csv
import json
import os
from functools import cache
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from strategies.metrics.arena import arena_score
from strategies.metrics.gap import apgr, apgr_routellm_11, cpt, optimal_curve

DATA = Path(__file__).parents[3] / "shared" / "data"
WEAK, STRONG = "mistralai/Mixtral-8x7B-Instruct-v0.1", "gpt-4-1106-preview"

MMLU = SimpleNamespace(
    folder="routellm_mmlu", files="responses/*.csv", file_count=57,
    rows=(14_042, 14_037), strong=11_312, weak=9_558, helpable=2_496, hurt=742, both=8_816, neither=1_983, oracle=85.8730,
    optimal={0: 68.0915, 10: 78.0915, 20: 85.8730, 30: 85.8730, 60: 85.8730, 100: 85.8730},
    auc_11=84.2058, apgr_11=1.289607, auc=84.2921, apgr=1.296514,
    cpt={0.2: 2.4991, 0.5: 6.2478, 0.8: 9.9964, 1.0: 12.4955}, one_seed=0.03, hundred_seeds=0.003,
)  # fmt: skip
GSM8K = SimpleNamespace(
    folder="routellm_gsm8k", files="gsm8k_responses.csv", file_count=1,
    rows=(1_319, 1_307), strong=1_121, weak=833, helpable=382, hurt=94, both=739, neither=92, oracle=92.9610,
    optimal={0: 63.7337, 10: 73.7337, 20: 83.7337, 30: 92.9610, 60: 92.9610, 100: 92.9610},
    auc_11=88.6542, apgr_11=1.130938, auc=88.6898, apgr=1.132555,
    cpt={0.2: 4.4070, 0.5: 11.0176, 0.8: 17.6282, 1.0: 22.0352}, one_seed=0.065, hundred_seeds=0.007,
)  # fmt: skip
BOARD = {
    "MIRT-BERT": (66.88, 0.15, 66.89), "NIRT-BERT": (66.34, 0.21, 66.12), "vLLM-SR": (67.28, 1.67, 64.32), "Chayan": (64.89, 0.56, 63.83),
    "GraphRouter": (57.00, 0.34, 57.22), "RouteLLM": (47.04, 0.27, 48.07), "Azure": (68.09, 0.54, 66.66), "GPT-5": (73.96, 10.02, 64.32),
    "CARROT": (67.21, 2.06, 63.87), "RouterBench-MLP": (61.62, 4.83, 57.56), "RouterBench-kNN": (58.69, 4.27, 55.48),
    "RouterDC": (32.01, 0.07, 33.75),
}  # fmt: skip


@cache
def read(folder, files, file_count):
    """Return (rows before dropping, weak 0/1, strong 0/1) of one benchmark."""
    root = DATA / folder
    if not root.is_dir():
        message = f"{folder} is not beside this repository in shared/data"
        (pytest.fail if os.environ.get("CI") else pytest.skip)(message)
    dropped = {json.loads(line)["eval_prompt"] for line in (root / "contaminated_prompts.jsonl").read_text(encoding="utf-8").splitlines()}
    paths = sorted(root.glob(files))
    assert len(paths) == file_count
    rows = []
    for path in paths:
        with path.open(encoding="utf-8", newline="") as file:
            rows += list(csv.DictReader(file))
    kept = [row for row in rows if row["prompt"] not in dropped]
    return len(rows), *(np.array([row[model] == "True" for row in kept], dtype=np.float64) for model in (WEAK, STRONG))


@pytest.fixture(params=[MMLU, GSM8K], ids=["mmlu", "gsm8k"])
def case(request):
    """One benchmark: the expected figures, and what was read."""
    before, weak, strong = read(request.param.folder, request.param.files, request.param.file_count)
    return SimpleNamespace(want=request.param, before=before, w=weak, s=strong, ends=(weak.mean(), strong.mean()))


def test_counts(case):
    """Rows before and after, right answers, helped, hurt, both and neither are exactly those of the files."""
    w, s, want = case.w == 1, case.s == 1, case.want
    assert (case.before, len(w)) == want.rows
    assert (s.sum(), w.sum()) == (want.strong, want.weak)
    assert ((~w & s).sum(), (w & ~s).sum(), (w & s).sum(), (~w & ~s).sum()) == (want.helpable, want.hurt, want.both, want.neither)


def test_the_optimal_curve(case):
    """The perfect router's accuracy at each strong share, up to the oracle's."""
    share, quality = optimal_curve(case.w, case.s)
    for per_cent, accuracy in case.want.optimal.items():
        assert 100 * np.interp(per_cent / 100, share, quality) == pytest.approx(accuracy, abs=1e-4)
    assert 100 * np.maximum(case.w, case.s).mean() == pytest.approx(case.want.oracle, abs=1e-4)


def test_the_optimal_areas(case):
    """APGR of the perfect router is above 1, by the published 11 points and by the exact area."""
    curve, (weak, strong) = optimal_curve(case.w, case.s), case.ends
    eleven, exact = apgr_routellm_11(*curve, *case.ends), apgr(*curve, *case.ends)
    assert (eleven, exact) == pytest.approx((case.want.apgr_11, case.want.apgr), abs=1e-6)
    assert 100 * (weak + eleven * (strong - weak)) == pytest.approx(case.want.auc_11, abs=1e-4)
    assert 100 * (weak + exact * (strong - weak)) == pytest.approx(case.want.auc, abs=1e-4)


def test_the_optimal_thresholds(case):
    """CPT of the perfect router at 20, 50, 80 and 100 %."""
    for level, per_cent in case.want.cpt.items():
        assert 100 * cpt(*optimal_curve(case.w, case.s), *case.ends, level) == pytest.approx(per_cent, abs=1e-4)


def test_the_random_router_in_closed_form(case):
    """The weak-strong line has APGR 0.5 and CPT(x) = x on these very means."""
    assert apgr([0, 1], case.ends, *case.ends) == pytest.approx(0.5, abs=1e-12)
    assert apgr_routellm_11([0, 1], case.ends, *case.ends) == pytest.approx(0.5, abs=1e-12)
    for level in (0.2, 0.5, 0.8, 1.0):
        assert cpt([0, 1], case.ends, *case.ends, level) == pytest.approx(level, abs=1e-12)


def test_the_random_router_by_seeds(case):
    """One seeded order of the queries is near 0.5, and the mean of a hundred much nearer."""
    gain, n = case.s - case.w, len(case.w)
    share = np.arange(n + 1) / n

    def area(seed):
        sent = np.random.default_rng(seed).permutation(n)
        return apgr(share, case.w.mean() + np.concatenate(([0.0], np.cumsum(gain[sent]) / n)), *case.ends)

    areas = [area(seed) for seed in range(100)]
    assert areas[0] == pytest.approx(0.5, abs=case.want.one_seed)
    assert np.mean(areas) == pytest.approx(0.5, abs=case.want.hundred_seeds)


@pytest.mark.parametrize("router", BOARD)
def test_the_arena_board(router):
    """RouteWorks/RouterArena at 4714a9a: twelve rows of its board follow from accuracy and USD per 1,000 queries."""
    accuracy, usd_per_1k, score = BOARD[router]
    assert 100 * arena_score(accuracy / 100, usd_per_1k) == pytest.approx(score, abs=0.01)


def test_one_board_row_does_not_follow_from_the_formula():
    """NotDiamond is printed as 63.0 beside inputs that give 57.30: the formula stands."""
    assert 100 * arena_score(0.6083, 4.10) == pytest.approx(57.30, abs=0.01)
