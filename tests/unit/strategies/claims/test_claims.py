"""A claim is recomputed from its file and its figure is that of the page; whatever is changed in it or in the data is noticed."""

from __future__ import annotations

import copy
import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data.history import replay
from data.load import load
from data.problems import ProblemError
from data.stores.columns import save
from strategies import find
from strategies.claims import Claim, claim, verify
from strategies.claims.make import sealed
from strategies.claims.measured import Resampling
from strategies.metrics.plane import aiq, common_range
from strategies.study.curves import curves, fitted, shown
from strategies.study.envelope import envelope_of
from strategies.study.prepare import prepare
from strategies.study.scores import scores_of
from strategies.uncertainty.bootstrap import intervals_of
from tests.unit.strategies.claims.conftest import MODELS, write

QUIET = settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def test_a_claim_of_an_upload_is_equal_and_survives_its_json(study, cascade, file):
    """Every kind of figure: a mean, a tail, a difference, a saving, a model's own, on test and on calibrate, and of a curve."""
    made = [
        claim(study, cascade, "quality"),
        claim(study, cascade, "cost_per_1k", split="calibrate"),
        claim(study, cascade, "latency_p95"),
        claim(study, cascade, "quality", against="large", compared="difference"),
        claim(study, cascade, "cost_per_1k", against=study.best, compared="saving"),
        claim(study, "mid", "quality", draw=Resampling(level=0.9, resamples=50, seed=4, strata="task")),
        claim(study, fitted(study, find("random-mix")()), "quality"),
        claim(study, cascade, "aiq", curve="tau"),
        claim(study, cascade, "aiq", curve="envelope"),
        claim(study, cascade, "napgr", curve="tau", split="calibrate"),
    ]
    for each in made:
        again = Claim.from_json(each.to_json())
        assert again == each
        found = verify(again, file)
        assert (found.outcome, found.code, found.value, found.reasons) == ("equal", 0, each.value, ())


def test_the_figures_are_those_of_the_cards(study, cascade):
    """Mean, interval and gap are those that the pages compute, to the last digits that they show."""
    done = shown(cascade)
    quality, cost, gap = intervals_of(done.quality, done.cost, against=study.tested.quality(study.best))
    for made, card, scale in (
        (claim(study, cascade, "quality"), quality, 1),
        (claim(study, cascade, "cost_per_1k"), cost, 1000),
        (claim(study, cascade, "quality", against=study.best, compared="difference"), gap, 1),
    ):
        assert made.value == pytest.approx(scale * card.mean, abs=1e-7)
        assert (made.interval.low, made.interval.high) == pytest.approx((scale * card.low, scale * card.high), abs=1e-5)
        assert (made.n, made.interval.resamples, made.interval.level) == (240, 400, 0.95)


def test_the_areas_are_those_of_the_pages(study, cascade):
    """AIQ along one knob as the scores' table has it, and over all knobs together as Compare has it."""
    assert claim(study, cascade, "aiq", curve="tau").value == pytest.approx(scores_of(cascade, curves(cascade, "tau").shown)["aiq"])
    found = envelope_of(cascade.policies, study.parts)
    shared = common_range(list(study.tested.mean("cost_usd").values()), list(study.tested.mean("quality").values()))
    assert claim(study, cascade, "aiq", curve="envelope").value == pytest.approx(aiq(found.cost, found.quality, **shared._asdict()))


def test_a_difference_is_taken_query_by_query(study, cascade):
    """Against itself a policy differs by nothing, in any resample; against another by the difference of the two figures."""
    itself = claim(study, cascade, "quality", against=cascade, compared="difference")
    assert (itself.value, itself.interval.low, itself.interval.high) == (0, 0, 0)
    other = claim(study, cascade, "quality", against="small", compared="difference")
    assert other.value == pytest.approx(claim(study, cascade, "quality").value - claim(study, "small", "quality").value)


def test_few_queries_get_the_exact_interval(tmp_path, rows):
    """Under 100 queries of right and wrong answers the interval is Clopper-Pearson's, without resamples."""
    study = prepare(load(write(tmp_path / "few.csv", rows[:60])))
    made = claim(study, "large", "quality")
    assert (made.interval.method, made.interval.resamples, made.n) == ("exact", 0, 60)
    assert verify(made, tmp_path / "few.csv").outcome == "equal"
    assert claim(study, "large", "latency_p95").interval is None  # nothing bounds a p95 from above yet


def test_a_bundled_set_and_a_saved_one_are_verified_by_name(tmp_path):
    """A bundled set by its name, with the pool that was chosen; a stored folder is hashed anew and not believed."""
    table = load("everyday-2k")
    study = prepare(table, pool=table.models[:3])
    made = claim(study, fitted(study, find("knn-router")()), "quality")
    assert verify(made, "everyday-2k").outcome == "equal"
    bad = replace(table, numbers=table.numbers | {"quality": 1 - table.numbers["quality"]}, stored_fingerprint=table.fingerprint)
    found = verify(made, save(bad, tmp_path / "stored"))
    assert found.outcome == "differs"
    assert "Other data" in found.reasons[0]


def test_embeddings_are_told_apart_though_fingerprints_are_not(tmp_path):
    """Two sets that differ in nothing but their embeddings are two for a claim."""
    table = load("everyday-2k")
    study = prepare(table, pool=table.models[:2])
    made = claim(study, study.best, "quality")
    other = replace(table, features={"embedding": table.features["embedding"][::-1].copy()})
    found = verify(made, save(other, tmp_path / "turned"))
    assert [check.name for check in found.checks if not check.same] == ["feature embedding"]
    assert (found.outcome, found.difference) == ("differs", 0)


def test_embeddings_that_were_computed_are_computed_again(study, file):
    """An upload's embeddings come from its prompts: they are made anew, and only may explain a difference."""
    vectors = np.random.default_rng(0).normal(size=(240, 4)).astype(np.float32)
    embedded = prepare(study.whole.with_feature("embedding", vectors))
    made = claim(embedded, fitted(embedded, find("knn-router")(k=7)), "quality", embedded=True)
    assert verify(made, file, embed=lambda table: table.with_feature("embedding", vectors)).outcome == "equal"
    nearly = verify(made, file, embed=lambda table: table.with_feature("embedding", vectors * np.float32(1 + 1e-6)))
    assert nearly.outcome == "equal"
    assert not next(check for check in nearly.checks if check.name == "feature embedding").same


def test_repairs_and_prices_of_the_history_are_made_again(study, file):
    """A set whose model was renamed and hidden is rebuilt from the raw file."""
    lines = [*study.whole.history]
    table = replay([*lines, _line("models renamed", names={"mid": "middle"}), _line("models hidden", names=["small"])], file).table
    mended = prepare(table)
    made = claim(mended, "middle", "cost_per_1k")
    assert verify(made, file).outcome == "equal"
    assert verify(claim(study, "mid", "cost_per_1k"), file).value == made.value


def _line(action, **values):
    from data.outcomes import HistoryLine

    return HistoryLine(action=action, detail="", values=values)


def test_relative_prices_and_shares_are_taken_over(tmp_path, rows):
    """Without a price the cost is the share of the strong model, or typed weights: the claim holds them."""
    free = [{name: value for name, value in row.items() if "cost" not in name} for row in rows]
    path = write(tmp_path / "free.csv", free)
    for study in (prepare(load(path)), prepare(load(path), weights={"small": 1.0, "mid": 3.0, "large": 12.0})):
        made = claim(study, study.pool[-1], "cost_per_1k")
        assert "USD" not in made.unit
        assert verify(Claim.from_json(made.to_json()), path).outcome == "equal"


def leaves(value, path=()):
    """Yield the path of every leaf of a JSON value."""
    if isinstance(value, (dict, list)) and value:
        for key, each in value.items() if isinstance(value, dict) else enumerate(value):
            yield from leaves(each, (*path, key))
    else:
        yield path, value


def changed(plain, path, value):
    """Return a copy with one leaf replaced."""
    other = copy.deepcopy(plain)
    at = other
    for key in path[:-1]:
        at = at[key]
    at[path[-1]] = value
    return other


def test_any_leaf_that_is_changed_is_noticed(study, cascade, file):
    """The seal covers everything; a change of type is refused with the field's name."""
    made = claim(study, cascade, "quality", against="large", compared="difference")
    plain = json.loads(made.to_json())
    for path, value in leaves(plain):
        for new in (_other(value), [[]] if not isinstance(value, list) else "x"):
            text = json.dumps(changed(plain, path, new))
            try:
                found = Claim.from_json(text)
            except ProblemError:
                continue
            assert found.seal != found.sealed(), path
    assert verify(replace(made, value=made.value + 1e-7), file).outcome == "differs"
    assert "seal" in verify(replace(made, seal="0" * 32), file).reasons[0]


def _other(value):
    if isinstance(value, bool) or value is None:
        return value is not True
    if isinstance(value, (int, float)):
        return value + 1
    return f"{value}x" if isinstance(value, str) else [1]


EDITS = {
    "value": lambda c: replace(c, value=c.value + 1e-6),
    "low end": lambda c: replace(c, interval=replace(c.interval, low=c.interval.low - 1e-6)),
    "bootstrap seed": lambda c: replace(c, interval=replace(c.interval, seed=c.interval.seed + 1)),
    "resamples": lambda c: replace(c, interval=replace(c.interval, resamples=401)),
    "level": lambda c: replace(c, interval=replace(c.interval, level=0.9)),
    "interval dropped": lambda c: replace(c, interval=None),
    "split seed": lambda c: replace(c, basis=replace(c.basis, seed=1)),
    "split": lambda c: replace(c, split="calibrate"),
    "scheme": lambda c: replace(c, basis=replace(c.basis, scheme="drawn")),
    "models in play": lambda c: replace(c, basis=replace(c.basis, pool=("small", "large"))),
    "queries": lambda c: replace(c, n=c.n + 1),
    "decisions": lambda c: replace(c, shown="0" * 16),
    "unit": lambda c: replace(c, unit="USD"),
    "simulated": lambda c: replace(c, simulated=True),
    "metric": lambda c: replace(c, metric="latency"),
    "policy seed": lambda c: replace(c, policy=replace(c.policy, seed=9)),
    "a knob": lambda c: replace(c, policy=replace(c.policy, knobs=c.policy.knobs | {"epsilon": 0.9})),
    "another policy": lambda c: replace(c, policy=replace(c.policy, id="thompson", knobs={})),
    "a model": lambda c: replace(c, policy=replace(c.policy, id="model:mid", knobs={}, state=(), fitted_on="")),
    "an unknown model": lambda c: replace(c, policy=replace(c.policy, id="model:none", knobs={}, state=(), fitted_on="")),
    "an unknown knob": lambda c: replace(c, policy=replace(c.policy, knobs={"nothing": 1})),
    "fitted on test": lambda c: replace(c, policy=replace(c.policy, fitted_on="test")),
    "fingerprint": lambda c: replace(c, data=replace(c.data, fingerprint="0" * 16)),
}


@pytest.fixture(scope="module")
def genuine(study, bandit):
    """A claim of an online method's quality."""
    return claim(study, bandit, "quality")


@pytest.mark.parametrize("edit", EDITS)
def test_an_edit_with_a_new_seal_is_found_by_recomputing(edit, genuine, file):
    """A forger who seals again is found out by the figure, the interval, the basis, or because nothing can be recomputed."""
    forged = sealed(EDITS[edit](genuine))
    found = verify(forged, file)
    assert found.code in (1, 2)
    assert found.reasons
    assert "seal" not in found.reasons[0]


@QUIET
@given(row=st.integers(0, 239), cell=st.tuples(st.sampled_from(sorted(MODELS)), st.sampled_from(["score", "cost_usd", "latency_s"])))
def test_one_changed_cell_of_the_data_is_noticed(row, cell, study, rows, tmp_path_factory):
    """Whichever cell: the data is another, and where the figure rests on it, so is the figure."""
    made = claim(study, "large", "quality")
    other = copy.deepcopy(rows)
    name = "_".join(cell)
    other[row][name] = 1 - other[row][name] if cell[1] == "score" else round(other[row][name] * 2 + 0.001, 6)
    found = verify(made, write(tmp_path_factory.mktemp("changed") / "scores.csv", other))
    assert (found.outcome, found.reasons[0][:10]) == ("differs", "Other data")
    assert (found.difference != 0) == (name == "large_score")


def test_what_cannot_be_claimed_is_refused(study, cascade):
    """A name of a metric elsewhere, an unknown one, one of a curve without a knob, a comparison with nobody, a mixture's tail."""
    mixture = fitted(study, find("random-mix")())
    for who, metric, more, said in (
        (cascade, "accuracy", {}, "another name"),
        (cascade, "nothing", {}, "no metric"),
        (cascade, "quality", {"compared": "difference"}, "two policies"),
        (cascade, "quality", {"curve": "tau"}, "one setting"),
        (mixture, "latency_p95", {}, "random mixture"),
        ("nobody", "quality", {}, "no model"),
    ):
        with pytest.raises(ProblemError, match=said):
            claim(study, who, metric, **more)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[]", "no JSON object"), ("{", "no valid JSON"), ('{"a": 1, "a": 2}', "twice"), ("{}", "format 1"),
        ('{"routescope_claim": 1, "value": NaN}', "no number"), ('{"routescope_claim": 1, "odd": 1}', "no field 'odd'"),
        ('{"routescope_claim": 1}', "lacks 'version'"), ("[" * 100000, "no valid JSON"),
    ],
)  # fmt: skip
def test_a_text_that_is_no_claim_is_refused_in_words(text, said):
    """Nothing but a claim of this format is read, and what is wrong is said."""
    with pytest.raises(ProblemError, match=said):
        Claim.from_json(text)
