"""The learners that routers share: rows by themselves, holes left out, the same bits for the same seed."""

import numpy as np
import pytest

from data.problems import ProblemError
from strategies import find
from strategies.predictors.clusters import centres, cluster_means, distances, nearest_weights
from strategies.predictors.expected import patterns, scales
from strategies.predictors.network import Adam, outputs, sigmoid, softmax, train
from strategies.predictors.ridge import learn_ridge, ridge
from strategies.predictors.rowwise import product
from strategies.predictors.trees import learn_trees, trees
from tests.embedded import at_points, view_of
from tests.worlds import NAN, unpriced

RNG = np.random.default_rng(0)
X = RNG.normal(size=(300, 5)).astype(np.float32)
Y = np.stack([X[:, 0] + 0.1 * RNG.normal(size=300), X[:, 1] * X[:, 2]], axis=1)


def test_a_product_is_numpys_and_each_row_is_by_itself():
    """Equal to @ up to rounding; a row alone, first or last, has the very same bits."""
    rows, columns = RNG.normal(size=(700, 33)), RNG.normal(size=(70, 33))
    whole = product(rows, columns)
    assert whole == pytest.approx(rows @ columns.T)
    for at in ([0], [699], [5, 300, 699], list(range(255, 600))):
        assert np.array_equal(product(rows[at], columns), whole[at])


def test_columns_known_on_the_same_rows_are_learnt_together():
    """Rows and columns of each pattern of holes; a column that is unknown everywhere belongs to none."""
    there = np.array([[1, 1, 0, 1], [1, 0, 0, 1], [0, 1, 0, 0]], dtype=bool)
    found = {tuple(columns.tolist()): rows.tolist() for rows, columns in patterns(there)}
    assert found == {(0, 3): [True, True, False], (1,): [True, False, True]}


def test_scales_leave_out_holes():
    """Mean, spread and range over known cells; quality's range is [0, 1]; nothing known is NaN, no spread counts as one."""
    y = np.array([[0.2, NAN, 3, NAN], [0.6, NAN, 3, NAN]])
    mean, spread, low, high = scales(y)
    assert mean == pytest.approx([0.4, NAN, 3, NAN], nan_ok=True)
    assert spread == pytest.approx([0.2, NAN, 1, NAN], nan_ok=True)
    assert low == pytest.approx([0, NAN, 3, NAN], nan_ok=True)
    assert high == pytest.approx([1, NAN, 3, NAN], nan_ok=True)


def test_ridge_finds_the_line_and_leaves_holes_out():
    """Exact targets give back their line; half of them unknown changes nothing; an unknown column stays NaN."""
    line = X.astype(np.float64) @ np.array([1.0, -2, 0, 0, 0.5]) + 3
    holed = np.where(np.arange(300) % 2, NAN, line)
    state = learn_ridge(X, np.stack([line, holed, np.full(300, NAN)], axis=1))
    assert ridge(state, X)[:, :2] == pytest.approx(np.stack([line, line], axis=1), abs=1e-3)
    assert np.isnan(ridge(state, X)[:, 2]).all()


def test_ridge_with_two_queries_says_their_mean():
    """Nothing can be left out of two rows: the mean is all that is said."""
    y = np.full((300, 1), NAN)
    y[:2, 0] = (0.0, 1.0)
    assert ridge(learn_ridge(X, y), X) == pytest.approx(np.full((300, 1), 0.5))


def test_trees_are_scikit_learns_own():
    """The arrays say what the fitted estimator says, to the last digits."""
    from sklearn.ensemble import GradientBoostingRegressor

    from strategies.predictors import trees as module

    state = learn_trees(X, Y, seed=3)
    own = GradientBoostingRegressor(
        n_estimators=module.TREES, max_depth=module.DEPTH, learning_rate=module.RATE, subsample=module.SHARE, max_features="sqrt",
        min_samples_leaf=5, random_state=3,
    ).fit(X, Y[:, 1])  # fmt: skip
    assert trees(state, X)[:, 1] == pytest.approx(own.predict(X), abs=1e-9)


def test_trees_of_constants_and_of_nothing():
    """A constant is said back, an unknown column is NaN."""
    said = trees(learn_trees(X, np.stack([np.full(300, 0.3), np.full(300, NAN)], axis=1), seed=0), X)
    assert said[:, 0] == pytest.approx(0.3)
    assert np.isnan(said[:, 1]).all()


@pytest.mark.parametrize("hidden", [0, 3])
def test_the_networks_slopes_are_those_of_its_loss(hidden):
    """Back-propagation equals the numerical slope of the loss in every weight."""
    from strategies.predictors.network import _fresh, _slopes

    rng, x, y = np.random.default_rng(1), X[:7].astype(np.float64), Y[:7]
    weights = {name: values + rng.normal(scale=0.3, size=values.shape) for name, values in _fresh(rng, 5, hidden, 2).items()}

    def loss():
        inner = np.maximum(x @ weights["w1"].T + weights["b1"], 0) if hidden else x
        return 0.5 * ((inner @ weights["w2"].T + weights["b2"] - y) ** 2).sum() / 7

    slopes = _slopes(weights, x, np.arange(7), lambda said, rows: said - y[rows])
    for name, slope in slopes.items():
        for at in np.ndindex(slope.shape):
            weights[name][at] += 1e-6
            up = loss()
            weights[name][at] -= 2e-6
            down = loss()
            weights[name][at] += 1e-6
            assert slope[at] == pytest.approx((up - down) / 2e-6, abs=1e-6), (name, at)


def test_a_network_learns_and_repeats_itself():
    """Most of a product's variance is explained by a hidden layer; the same seed gives the same bits, another one others."""

    def fitted(seed):
        return train(X, 2, lambda said, rows: said - Y[rows], seed=seed, hidden=32, rate=0.01)

    first = fitted(0)
    assert np.mean((outputs(first, X) - Y) ** 2) < 0.1 * Y.var()
    assert all(np.array_equal(first[name], again) for name, again in fitted(0).items())
    assert not np.array_equal(first["w1"], fitted(1)["w1"])


def test_adam_steps_by_its_rate_at_first():
    """The first step is the rate against the sign of the slope, whatever its size; two-dimensional arrays decay besides."""
    weights = {"w": np.array([[1.0, -1.0]]), "b": np.array([2.0])}
    Adam(weights, rate=0.1, decay=0.5).step({"w": np.array([[3.0, -0.01]]), "b": np.array([7.0])})
    assert weights["w"] == pytest.approx(np.array([[0.95 - 0.1, -0.95 + 0.1]]), abs=1e-6)
    assert weights["b"] == pytest.approx([1.9])


def test_shares_and_chances():
    """By hand: softmax((0, log 3)) = (1/4, 3/4), -inf has none; sigmoid(log 3) = 3/4, and nothing overflows."""
    assert softmax(np.array([[0.0, np.log(3), -np.inf]])) == pytest.approx(np.array([[0.25, 0.75, 0]]))
    assert sigmoid(np.array([np.log(3), 1e9, -1e9])) == pytest.approx([0.75, 1, 0])


def test_centres_have_unit_length_and_no_more_than_there_are_points():
    """Three directions give three centres of length one, however many are asked for; each row lies at its own."""
    vectors = np.repeat(np.array([[2.0, 0], [0, 3], [-1, 0]], dtype=np.float32), 5, axis=0)
    centre, place = centres(vectors, 25, seed=0)
    assert len(centre) == 3
    assert np.linalg.norm(centre, axis=1) == pytest.approx(np.ones(3))
    assert np.array_equal(distances(vectors, centre).argmin(axis=1), place)


def test_weights_of_the_nearest():
    """A softmax over the nearest two; ties go to the earlier; at beta 0 they count alike."""
    distance = np.array([[0.1, 0.3, 0.1, 0.9]])
    assert nearest_weights(distance, 2, 9.0) == pytest.approx(np.array([[0.5, 0, 0.5, 0]]))
    assert nearest_weights(distance, 3, 9.0)[0, 1] == pytest.approx(np.exp(-1.8) / (2 + np.exp(-1.8)))
    assert nearest_weights(distance, 9, 0.0) == pytest.approx(np.full((1, 4), 0.25))
    assert nearest_weights(np.zeros((1, 3)), 1, 5.0).tolist() == [[1, 0, 0]]


def test_a_model_that_never_ran_in_a_cluster_keeps_its_overall_mean():
    """Means over known cells by cluster; a model that never ran anywhere is unknown."""
    values = np.array([[1.0, 0, NAN], [0, NAN, NAN], [0.5, NAN, NAN]])
    found = cluster_means(values, np.array([0, 0, 1]), 2)
    assert found == pytest.approx(np.array([[0.5, 0, NAN], [0.5, 0, NAN]]), nan_ok=True)


ALL = ("ridge-router", "mlp-router", "boosted-router", "cluster-router")


@pytest.mark.parametrize("kind", ALL)
def test_models_are_known_by_name(kind):
    """Models in another order get their own estimates; one that the fit never saw has none and is not chosen."""
    points = RNG.uniform(-1, 1, (60, 2))
    quality = np.stack([points[:, 0] > 0, points[:, 0] <= 0], axis=1).astype(float)
    table = at_points(points, quality, cost=np.tile([1.0, 2.0], (60, 1)), models=("a", "b"))
    policy = find(kind)().fit(table)
    first = policy.estimate(view_of(table))
    turned = policy.estimate(view_of(table.select(("b", "a"))))
    assert all(np.array_equal(one[:, ::-1], other) for one, other in zip(first, turned, strict=True))
    strange = at_points(points, quality, cost=np.tile([1.0, 2.0], (60, 1)), models=("b", "new"))
    assert np.isnan(policy.estimate(view_of(strange))[0][:, 1]).all()
    assert not np.isnan(policy.estimate(view_of(strange))[0][:, 0]).any()


@pytest.mark.parametrize("kind", ALL)
def test_a_model_that_never_ran_is_no_choice_and_holes_hurt_nobody_else(kind):
    """All NaN stays NaN; what the others are expected to do stays between the possible ends."""
    points = RNG.uniform(-1, 1, (80, 2))
    quality = np.stack([points[:, 0] > 0, np.full(80, NAN), points[:, 1] > 0], axis=1)
    quality[::3, 2] = NAN
    table = at_points(points, quality, cost=np.where(np.isnan(quality), NAN, [1.0, 2.0, 3.0]))
    expected, cost = find(kind)().fit(table).estimate(view_of(table))
    assert np.isnan(expected[:, 1]).all()
    assert np.isnan(cost[:, 1]).all()
    assert ((expected[:, [0, 2]] >= 0) & (expected[:, [0, 2]] <= 1 + 1e-12)).all()  # weights sum to one up to rounding
    assert cost[:, [0, 2]] == pytest.approx(np.tile([1.0, 3.0], (80, 1)))


@pytest.mark.parametrize("kind", ALL)
def test_what_is_lacking_is_said(kind):
    """No prices, no embeddings: said before, refused at the fit."""
    table = at_points([[0, 1], [1, 0]], [[0, 1], [1, 0]], cost=[[1, 2], [1, 2]])
    assert find(kind)().missing(table) == ""
    assert "prices" in find(kind)().missing(unpriced(table))
    with pytest.raises(ProblemError, match="needs costs"):
        find(kind)().fit(unpriced(table))
    with pytest.raises(ProblemError, match="was not fitted"):
        find(kind)().estimate(view_of(table))


def test_what_is_kept_is_never_another_fits_or_another_knobs():
    """Estimates of the same queries are kept per fit and per number of neighbours."""
    points = RNG.uniform(-1, 1, (60, 2))
    tables = [
        at_points(points, np.stack([points[:, 0] > edge, points[:, 1] > 0], axis=1).astype(float), cost=np.ones((60, 2)))
        for edge in (0, 0.5)
    ]
    view = view_of(tables[0])
    policies = [find("carrot")(k=k).fit(table) for k in (2, 9) for table in tables]
    found = [policy.estimate(view)[0] for policy in policies]
    assert all(not np.array_equal(a, b) for i, a in enumerate(found) for b in found[:i])
    again = [policy.estimate(view)[0] for policy in policies]
    assert all(np.array_equal(a, b) for a, b in zip(found, again, strict=True))
    turned = find("carrot")(k=9, state=policies[0].state).estimate(view)[0]
    assert np.array_equal(turned, found[2])


def test_a_tree_sees_a_share_of_the_queries_and_no_more_than_a_limit(monkeypatch):
    """Each tree's share is 0.7 of few queries, and the limit's of many: the time of a fit stays within bounds."""
    from sklearn import ensemble

    shares = []

    class Watched(ensemble.GradientBoostingRegressor):
        def fit(self, x, y):
            shares.append(self.subsample)
            return super().fit(x, y)

    monkeypatch.setattr(ensemble, "GradientBoostingRegressor", Watched)
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(100, 4)).astype(np.float32), rng.normal(size=(100, 1))
    learn_trees(x, y, seed=0)
    monkeypatch.setattr("strategies.predictors.trees.MOST", 20)
    assert np.isfinite(trees(learn_trees(x, y, seed=0), x)).all()
    assert shares == [0.7, 0.2]
