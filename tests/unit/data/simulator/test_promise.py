"""The numerics under a world, against formulas that are known otherwise."""

from statistics import NormalDist

import numpy as np
import pandas as pd
import pytest

from data.simulator import SimModel, Topic, World, moments, promise, simulate
from data.simulator.estimates import Mass, scale
from data.simulator.joint import Joint, proper
from data.simulator.moments import auroc, calibration_error, correlations, leaning, lengthening, others, telling, topical
from data.simulator.normal import logit, nodes, normal_cdf, normal_place, shaped, solve
from data.simulator.promise import levels_for

NORMAL = NormalDist()


def test_the_normal_distribution_is_close():
    """Within 0.00014 of the exact one everywhere (Bowling et al. 2009), and its inverse undoes it."""
    x = np.linspace(-6, 6, 241)
    assert np.abs(normal_cdf(x) - [NORMAL.cdf(v) for v in x]).max() < 1.45e-4
    assert normal_place(logit(normal_cdf(x[40:-40]))) == pytest.approx(x[40:-40])


@pytest.mark.parametrize("shape", ["one hump", "two humps", "even"])
def test_difficulty_has_mean_0_and_deviation_1(shape):
    """Whatever its shape; and it rises with the draw it is made of."""
    z, weight = nodes()
    hard = shaped(z, shape)
    assert hard @ weight == pytest.approx(0, abs=1e-12)
    assert hard**2 @ weight == pytest.approx(1, abs=1e-3)
    assert (np.diff(hard) > 0).all()


def test_the_root_finder_gives_an_end_where_there_is_no_root():
    """Entry by entry."""
    found = solve(lambda x: x**3, np.array([8.0, -8.0, 1e9]), -10, 10)
    assert found == pytest.approx([2, -2, 10])


def test_the_auroc_of_two_normals_is_the_known_one():
    """Without lean the separation is sqrt 2 times the normal quantile, the logit a straight line and the calibration perfect."""
    mass = Mass.of(np.zeros(1), np.ones(1), np.array([0.7]))
    for wanted in (0.5, 0.6, 0.85, 0.999):
        found = scale(mass, wanted)
        assert found.separation == pytest.approx(np.sqrt(2) * NORMAL.inv_cdf(wanted))
        assert found.auroc == pytest.approx(wanted, abs=2e-4)
        assert found.ece == pytest.approx(0, abs=1e-6)


def test_phi_of_two_fair_coins_is_the_arcsine_law():
    """Two normals of correlation r agree in sign with phi 2 arcsin(r) / pi (Sheppard 1899), up to the approximation."""
    fair = np.full((2, 1, 161), 0.5)
    joint = Joint(fair, np.ones(1), np.full(2, 0.5))
    for r in (-0.9, -0.3, 0.0, 0.5, 0.95):
        assert joint.phi(np.array([[1, r], [r, 1]]))[0, 1] == pytest.approx(2 * np.arcsin(r) / np.pi, abs=2e-3)
    wanted = np.array([[1, 0.4], [0.4, 1]])
    assert joint.residual_for(wanted)[0, 1] == pytest.approx(np.sin(np.pi * 0.4 / 2), abs=2e-3)


def test_an_impossible_matrix_is_mended():
    """Its eigenvalues are positive and its diagonal 1; a possible one stays as it is."""
    bad = np.array([[1, 0.9, -0.9], [0.9, 1, 0.9], [-0.9, 0.9, 1.0]])
    good = proper(bad)
    assert np.linalg.eigvalsh(good).min() > 0
    assert np.diag(good) == pytest.approx(np.ones(3))
    assert proper(np.eye(3)) == pytest.approx(np.eye(3))


def test_levels_give_the_accuracies():
    """A world with these abilities promises these accuracies by topic."""
    accuracy = np.array([[0.2, 0.9], [0.6, 0.5]])
    level = levels_for(accuracy, np.array([1.8, 1.8]), np.ones(2))
    models = tuple(SimModel(name=f"m{m}", discrimination=1.2, strengths=tuple(level[m] / 1.2)) for m in range(2))
    world = World(models=models, topics=(Topic(name="a"), Topic(name="b")), difficulty_spread=1.5)
    assert promise(world).by_topic == pytest.approx(accuracy, abs=1e-9)


def test_auroc_by_hand():
    """Ties count half, graded quality counts by its grade, unknown rows don't; NaN where there is nothing to tell apart."""
    assert auroc(np.array([1, 0, 1, 0, np.nan]), np.array([0.9, 0.1, 0.5, 0.5, 0.2])) == pytest.approx(3.5 / 4)
    assert auroc(np.array([0.5, 0.5]), np.array([0.1, 0.9])) == pytest.approx(0.5)
    assert np.isnan(auroc(np.ones(3), np.arange(3.0)))
    assert np.isnan(auroc(np.array([np.nan]), np.array([1.0])))


def test_calibration_error_by_hand():
    """Two bins: one off by 0.1 with half the rows, one right."""
    right, says = np.array([1, 0, 1, 1.0]), np.array([0.4, 0.4, 1.0, 1.0])
    assert calibration_error(right, says) == pytest.approx(0.5 * 0.1)
    assert np.isnan(calibration_error(np.array([np.nan]), np.array([0.5])))


def test_correlations_are_pearson_for_right_and_wrong():
    """The same as NumPy's on 0/1 columns; pairwise where cells are missing; 0 where a column never varies."""
    rng = np.random.default_rng(0)
    quality = (rng.random((500, 3)) < 0.6).astype(float)
    quality[:, 1] = np.where(rng.random(500) < 0.5, quality[:, 0], quality[:, 1])
    assert correlations(quality) == pytest.approx(np.corrcoef(quality.T))
    quality[:100, 0] = np.nan
    assert correlations(quality)[0, 1] == pytest.approx(np.corrcoef(quality[100:, :2].T)[0, 1])
    quality[:, 2] = 1
    assert correlations(quality)[0, 2] == 0


def test_figures_of_a_fit_show_what_they_are_named_for():
    """Each is near 0 in a world without the thing and well above in one with it."""
    rng = np.random.default_rng(1)
    ease = rng.normal(size=4000)
    quality = (ease[:, None] + rng.normal(size=(4000, 3)) > 0).astype(float)
    blind, seeing = rng.normal(size=(4000, 3)), ease[:, None] + rng.normal(size=(4000, 3))
    codes = (ease > 0).astype(int)
    assert abs(leaning(quality, blind)) < 0.05
    assert leaning(quality, seeing) > 0.2
    assert topical(blind, codes) < 0.01
    assert topical(seeing, codes) > 0.2
    assert abs(telling(quality, blind)) < 0.05
    assert telling(quality, quality + blind) > 0.3
    cost = np.exp(0.7 * (1 - quality) + 0.1 * rng.normal(size=(4000, 3)))
    slopes = lengthening(quality, cost)
    assert slopes[:, 0] == pytest.approx(np.full(3, 0.7), abs=0.02)
    assert slopes[:, 1] == pytest.approx(np.zeros(3), abs=0.02)
    assert slopes[:, 2] == pytest.approx(np.full(3, 0.1), abs=0.01)
    assert others(np.array([[1, 0, np.nan]])).tolist()[0][:2] == [0, 1]


@pytest.mark.parametrize("levels", [2, 7, 100_000])
def test_ranks_are_spearmans(levels):
    """Ties share their mean rank, however coarse the score; with uneven ties that is another correlation than of dense ranks."""
    score = (np.random.default_rng(2).beta(0.4, 2, 3000) * levels).astype(int) / levels
    assert moments._ranks(score) == pytest.approx(pd.Series(score).rank(method="average").to_numpy())


def test_leaning_is_spearmans_partial_correlation():
    """On a score of few, unevenly filled levels it is the partial rank correlation that pandas gives."""
    rng = np.random.default_rng(3)
    ease = rng.normal(size=2000)
    quality = (ease[:, None] + rng.normal(size=(2000, 2)) > 0).astype(float)
    # Almost all scores lie low, and the few high ones are far apart: dense ranks would count the gaps.
    score = np.round(np.exp(2 * (ease[:, None] + rng.normal(size=(2000, 2)))), 0).clip(0, 40)
    found = []
    for m in range(2):
        ranked, own, other = pd.Series(score[:, m]).rank(), pd.Series(quality[:, m]), pd.Series(quality[:, 1 - m])
        by = {(a, b): x.corr(y) for a, x in (("r", ranked), ("o", own)) for b, y in (("o", own), ("e", other))}
        found.append((by["r", "e"] - by["r", "o"] * by["o", "e"]) / np.sqrt((1 - by["r", "o"] ** 2) * (1 - by["o", "e"] ** 2)))
    assert leaning(quality, score) == pytest.approx(np.mean(found), abs=1e-9)


def test_residual_correlations_are_taken_as_they_are():
    """A matrix of them makes errors of one pair alike and leaves another pair alone."""
    models = tuple(SimModel(name=name, accuracy=0.6) for name in "abc")
    world = World(n=100_000, models=models, difficulty_spread=0, residuals=((1, 0.8, 0), (0.8, 1, 0), (0, 0, 1)))
    found = np.corrcoef(simulate(world).numbers["quality"].T)
    solved = promise(world)
    assert found == pytest.approx(solved.phi, abs=0.01)
    assert found[0, 1] > 0.5
    assert abs(found[0, 2]) < 0.01


def test_a_model_that_is_always_right_goes_with_no_other():
    """Its answers don't vary: correlation 0, and the world can still be drawn and asked what is possible."""
    world = World(models=(SimModel(name="sure", ability=40), SimModel(name="other", accuracy=0.6)), n=50, correlation=0.3)
    solved = promise(world)
    assert solved.phi == pytest.approx(np.eye(2))
    assert "error correlation 0.30 can't be had" in solved.notes[0]
    assert simulate(world, solved).numbers["quality"][:, 0].all()
