"""The data model: problems, texts, cards, queries, outcome tables, splits."""

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest

import data.problems as errors
from data.models import ModelCard, cost_from_card
from data.outcomes import HistoryLine, Origin, OutcomeTable, outcome_table
from data.problems import Problem, ProblemError, listed, refuse
from data.queries import QuerySet, normalised
from data.samples import Samples
from data.splits import assigned, fold_of, shuffled
from data.texts import Texts
from tests.worlds import NAN, by_hand, proving_ground

# Problems


def test_a_problem_says_where_what_and_how():
    """File, row as a person counts, column; then the sentence and the way out."""
    problem = Problem(file="a.csv", row=1041, column="cost", what="'$1' is not a number.", fix="Remove the sign.")
    assert problem.where == "a.csv, row 1,041, column cost"
    assert str(problem) == "a.csv, row 1,041, column cost: '$1' is not a number. Remove the sign."
    assert str(Problem(what="It is empty.", fix="Fill it.")) == "It is empty. Fill it."


def test_an_error_shows_twenty_problems_and_keeps_all():
    """The rest is counted."""
    error = ProblemError(*[Problem(what=f"{i}.", fix="") for i in range(25)])
    assert len(error.problems) == 25
    assert str(error).endswith("19. \n... and 5 more.")
    assert "..." not in str(refuse("one.", "two."))


def test_every_error_of_the_project_has_one_root_and_is_drawn_in_the_docstring():
    """The exception tree in the module's docstring is the tree there is."""
    tree = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, Exception)]
    assert all(issubclass(kind, errors.RouteScopeError) for kind in tree)
    assert all(kind.__name__ in errors.__doc__ for kind in tree)
    assert [kind.retryable for kind in (errors.EndpointBusyError, errors.EndpointTimeoutError, errors.EndpointAuthError)] == [
        True,
        True,
        False,
    ]


def test_long_lists_of_names_are_cut():
    """Eight names, then how many more."""
    assert listed(["a", "b"]) == "a, b"
    assert listed([str(i) for i in range(1200)], 2) == "0, 1 and 1,198 more"


# Texts


def test_texts_load_when_looked_at_and_narrow_without():
    """A lazy column knows its length, is narrowed twice without a look, and reads its own rows."""
    looked = []

    def loader():
        looked.append(1)
        return pa.array([f"t{i}" for i in range(10)], type=pa.large_string())

    texts = Texts(loader, 10)
    part = texts.take(np.array([1, 3, 5, 7])).take(np.array([3, 0]))
    assert (len(texts), len(part), texts.loaded, looked) == (10, 2, False, [])
    assert "on disk" in repr(texts)
    assert part.to_list() == ["t7", "t1"]
    assert (part.loaded, repr(part)) == (True, "Texts(2, loaded)")
    assert part.take(np.array([1])).to_list() == ["t1"]
    assert texts[2] == "t2"
    assert looked == [1, 1]


def test_texts_know_what_was_not_recorded():
    """None is not the empty string; both fill to it."""
    texts = Texts(["a", None, ""])
    assert (texts.filled(), texts.known().tolist(), list(texts)) == (["a", "", ""], [True, False, True], ["a", None, ""])
    assert (texts[1], texts[0], texts[-1], texts[:2]) == (None, "a", "", ["a", None])
    chunked = Texts(pa.chunked_array([["a"], [None, "b"]]))
    assert (chunked.known().tolist(), chunked.take(np.array([2, 0])).to_list()) == ([True, False, True], ["b", "a"])


@pytest.mark.parametrize("other", [["a", None], ["a"], ["a", "", ""], ["", "a"], ["a1:"], ["a\x00", "b"]])
def test_a_digest_knows_every_text(other):
    """Equal columns have equal digests; missing, empty, moved and glued texts have others."""
    assert Texts(["a", ""]).digest() == Texts(pa.array(["a", ""])).digest()
    assert Texts(["a", ""]).digest() != Texts(other).digest()
    assert Texts(["a\x01\x01\x01", ""]).digest() != Texts(["a", "\x01\x01"]).digest()


def test_a_lazy_column_has_to_say_its_length():
    """Programming errors are plain exceptions."""
    with pytest.raises(TypeError, match="length"):
        Texts(lambda: pa.array([]))
    broken = Texts([])
    broken._array = None
    with pytest.raises(RuntimeError, match="without a loader"):
        broken.arrow()


# Cards and costs


def test_a_card_goes_to_json_and_back_without_its_unknown_prices():
    """Unknown is left out, never null or zero; strange fields are refused by name."""
    card = ModelCard(name="org/model-1", price_in_usd_per_mtok=0.5, tier="typed")
    assert card.to_json() == {"name": "org/model-1", "price_in_usd_per_mtok": 0.5, "tier": "typed"}
    assert repr(ModelCard.from_json(card.to_json())) == repr(card)
    assert (card.short, replace(card, title="One").short) == ("model-1", "One")
    with pytest.raises(ProblemError, match="unknown field 'colour'"):
        ModelCard.from_json({"name": "x", "colour": "red"})


@pytest.mark.parametrize(
    ("prices", "priced"),
    [
        ({}, False),
        ({"price_in_usd_per_mtok": 1.0}, False),
        ({"price_in_usd_per_mtok": 1.0, "price_out_usd_per_mtok": 0.0}, True),
        ({"price_usd_per_query": 0.0}, True),
        ({"price_usd_per_hour": 2.0}, True),
        ({"relative_price": 2.0}, False),
    ],
)
def test_priced_means_that_a_price_in_dollars_is_known(prices, priced):
    """Half a token price is no price; a free model is priced; a relative price is no dollar."""
    assert ModelCard(name="m", **prices).priced is priced


def test_the_more_measured_figure_makes_the_cost():
    """Tokens win over seconds, seconds over the flat price; what is not known stays unknown."""
    tokens, seconds = np.array([1e6, NAN, NAN], np.float32), np.array([3600.0, 3600.0, NAN], np.float32)
    full = ModelCard(name="m", price_in_usd_per_mtok=1, price_out_usd_per_mtok=2, price_usd_per_hour=5, price_usd_per_query=7)
    assert cost_from_card(full, tokens, tokens, seconds).tolist() == [3, 5, 7]
    assert np.isnan(cost_from_card(ModelCard(name="m", price_in_usd_per_mtok=1), tokens, tokens, seconds)).all()


# Queries


def test_a_query_set_keeps_its_columns_together():
    """`take` narrows every column; tasks are codes; a column of another length is refused."""
    queries = QuerySet.build(
        ["a", "b", "c"], prompts=["x", None, "z"], references=["1", "2", "3"], tasks=["t", "s", "t"], splits=["fit", "test", "fit"],
        meta={"level": ["e", "m", None]},
    )  # fmt: skip
    part = queries.take(np.array([2, 0]))
    assert [c.to_list() for c in (part.ids, part.prompts, part.references, part.splits, part.meta["level"])] == [
        ["c", "a"], ["z", "x"], ["3", "1"], ["fit", "fit"], [None, "e"],
    ]  # fmt: skip
    assert (part.task_names, part.task_of(0), queries.task_of(1)) == (("s", "t"), "t", "s")
    assert QuerySet.build(["a"]).task_of(0) == ""
    bare = QuerySet.build(["a", "b"]).take(np.array([1]))
    assert (bare.prompts, bare.references, bare.tasks, bare.splits) == (None, None, None, None)
    with pytest.raises(ProblemError, match="prompts has 1 entries for 2"):
        QuerySet.build(["a", "b"], prompts=["x"])


def test_repeats_of_a_prompt_share_a_group():
    """Case and white space do not matter; queries without a prompt are on their own, wherever they stand."""
    queries = QuerySet.build(["a", "b", "c", "d", "e"], prompts=["What  is\nit?", "what is it? ", None, " ", "Other"])
    groups = queries.groups
    assert groups[0] == groups[1]
    assert len(set(groups.tolist())) == 4
    assert np.array_equal(queries.take(np.array([3, 2, 0])).groups, groups[[3, 2, 0]])
    assert np.array_equal(QuerySet.build(["a", "b"]).groups, QuerySet.build(["a", "b"]).keys)
    assert normalised("  A\tb ") == "a b"


def test_the_fingerprint_of_queries_is_of_ids_prompts_and_references():
    """Each of the three changes it."""
    base = QuerySet.build(["a"], prompts=["p"], references=["r"])
    others = [QuerySet.build(["b"], prompts=["p"], references=["r"]), QuerySet.build(["a"], prompts=["q"], references=["r"])]
    others += [QuerySet.build(["a"], prompts=["p"]), QuerySet.build(["a"], references=["p"]), QuerySet.build(["a"])]
    assert len({base.fingerprint, *(o.fingerprint for o in others)}) == 6
    assert base.fingerprint == QuerySet.build(["a"], prompts=["p"], references=["r"]).fingerprint


# Outcome tables


def test_columns_are_read_only_floats_by_name_or_position():
    """float32, one column contiguous, NaN where a field was not recorded."""
    table = by_hand([[1, 0.5], [NAN, 0]], cost=[[1, 2], [3, 4]])
    assert table.quality("b").tolist() == [0.5, 0]
    assert table.cost_usd(1).tolist() == [2, 4]
    assert np.isnan(table.latency_s("a")).all()
    assert table.column("tokens_in", 0) is table.column("tokens_out", 1)
    assert (table.quality(0).dtype, table.quality(0).flags.c_contiguous) == (np.float32, True)
    with pytest.raises(ValueError, match="read-only"):
        table.quality(0)[0] = 1
    with pytest.raises(ProblemError, match="no model 'x'"):
        table.quality("x")
    with pytest.raises(ProblemError, match="no signal 'margin'"):
        table.signal("margin", 0)


def test_means_and_coverage_count_what_is_known():
    """A model's mean is over the queries that it ran; a model that never ran has none."""
    table = by_hand([[1, NAN, 0], [0.5, NAN, NAN]])
    assert table.mean("quality") == pytest.approx({"a": 0.75, "b": NAN, "c": 0}, nan_ok=True)
    assert table.coverage() == {"a": 1, "b": 0, "c": 0.5}
    assert (table.has("quality"), table.has("cost_usd"), table.has("margin")) == (True, False, False)
    assert table.take(np.array([], dtype=int)).coverage() == {"a": 0, "b": 0, "c": 0}
    assert {name: known.tolist() for name, known in table.whole.items()} == {"quality": [True, False, False]}


def test_narrowing_keeps_everything_in_step():
    """Rows by position or mask, models by name: numbers, signals, features, texts, samples and cards follow."""
    samples = Samples(
        query=np.array([0, 0, 2], np.int32), model=np.array([0, 1, 1], np.int32), quality=np.array([1, 0, 0.5], np.float32),
        code=np.array([5, 6, 7], np.int32),
    )  # fmt: skip
    table = replace(proving_ground(4, 3), samples=samples)
    part = table.take(np.array([False, False, True, True]), "test").select(["m2", "m1"])
    assert (part.models, part.role, len(part)) == (("m2", "m1"), "test", 2)
    assert part.quality("m1").tolist() == table.quality("m1")[2:].tolist()
    assert part.signal("margin", 0).tolist() == table.signal("margin", 2)[2:].tolist()
    assert part.features["embedding"].tolist() == table.features["embedding"][2:].tolist()
    assert part.answers["m1"].to_list() == table.answers["m1"].to_list()[2:]
    assert list(part.responses) == ["m1", "m2"]
    assert [card.name for card in part.cards] == ["m2", "m1"]
    assert (part.samples.query.tolist(), part.samples.model.tolist(), part.samples.code.tolist()) == ([0], [1], [7])
    assert table.take(np.array([1])).role == "all"


def test_a_comparison_rests_on_queries_that_all_ran():
    """`complete` drops rows with a hole in any of the models, or is the table itself."""
    table = by_hand([[1, NAN], [0, 1], [NAN, 1]])
    assert table.complete().queries.ids.to_list() == ["q1"]
    assert len(table.complete(["b"])) == 2
    assert table.complete(["b"]).complete(["b"]).queries.ids.to_list() == ["q1", "q2"]
    whole = by_hand([[1, 0]])
    assert whole.complete() is whole


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"models": ["a", "a"], "quality": [[1, 0]]}, "share a name"),
        ({"models": ["a"], "quality": [[1, 0]]}, "shape"),
        ({"models": ["a", "b"], "quality": [[1, 1.5]]}, "quality of b is 1.5, outside 0..1"),
        ({"models": ["a", "b"], "quality": [[1, 1]], "cost_usd": [[0, -1]]}, "row 1, column b: cost of b is -1"),
        ({"models": ["a", "b"], "quality": [[1, 1]], "signals": {"margin": np.ones((1, 3))}}, "margin has the shape"),
    ],
)
def test_a_table_that_cannot_be_is_refused(given, words):
    """Doubled names, other shapes, values out of range: with row and model."""
    with pytest.raises(ProblemError, match=words):
        outcome_table(given.pop("models"), np.array(given.pop("quality"), dtype=float), **given)


def test_a_field_that_does_not_exist_is_refused():
    """Only the known numbers; the rest is a signal."""
    with pytest.raises(ProblemError, match="smell is no field"):
        OutcomeTable(queries=QuerySet.build(["a"]), models=("m",), numbers={"smell": np.ones((1, 1), np.float32)})


def test_unchecked_tables_may_hold_what_an_audit_finds():
    """`check=False` keeps out-of-range values for the audit."""
    assert outcome_table(["a"], np.array([[7.0]]), check=False).quality(0).tolist() == [7]


def changed_tables():
    """Return the proving ground with one thing changed in each."""
    table = proving_ground(12, 2)

    def nudged(mapping, name):
        values = np.array(mapping[name])
        values[3, 1] = np.nextafter(values[3, 1], 2, dtype=np.float32)
        return {**mapping, name: values}

    texts = Texts(["other", *table.answers["m0"].to_list()[1:]])
    one = np.zeros(1, np.int32)
    fresh = {"stored_fingerprint": ""}
    changed = {f"number {name}": replace(table, numbers=nudged(table.numbers, name), **fresh) for name in table.numbers}
    changed |= {f"signal {name}": replace(table, signals=nudged(table.signals, name), **fresh) for name in table.signals}
    changed |= {
        "answer": replace(table, answers={**table.answers, "m0": texts}, **fresh),
        "response": replace(table, responses={**table.responses, "m0": texts}, **fresh),
        "card": table.priced([ModelCard(name="m0", price_usd_per_query=1.0)]),
        "role": table.take(np.arange(12), "fit"),
        "unit": table.relatively_priced({"m0": 0, "m1": 1}),
        "samples": replace(table, samples=Samples(query=one, model=one, quality=one.astype(np.float32), code=one), **fresh),
        "order": table.take(np.arange(12)[::-1]),
        "models": table.select(["m1", "m0"]),
        "task": replace(table, queries=replace(table.queries, tasks=1 - table.queries.tasks), **fresh),
        "prompt": replace(table, queries=replace(table.queries, prompts=Texts(["?"] * 12)), **fresh),
        "split": replace(table, queries=replace(table.queries, splits=Texts(["fit"] * 12)), **fresh),
        "new signal": table.with_signal("more", np.zeros((12, 2))),
    }
    return table, changed


def test_a_fingerprint_changes_with_any_value():
    """The last bit of any number or signal, any text, card, role, unit, sample, order, task: all different."""
    table, changed = changed_tables()
    assert len({table.fingerprint, *(t.fingerprint for t in changed.values())}) == len(changed) + 1


def test_a_fingerprint_stays_where_no_fact_changes():
    """Attached features, notes and a second reading of the same facts; a stored one is believed."""
    table = proving_ground(12, 2)
    assert table.fingerprint == proving_ground(12, 2).fingerprint == table.take(np.arange(12)).fingerprint
    assert table.with_feature("x", np.zeros((12, 3))).fingerprint == table.fingerprint
    assert table.noted("looked", "at it").fingerprint == table.fingerprint
    assert replace(table, stored_fingerprint="abc").fingerprint == "abc"
    assert replace(table, stored_fingerprint="abc").take(np.arange(12)).fingerprint == table.fingerprint


def test_features_have_a_row_a_query_and_are_sealed():
    """A feature of another length is refused."""
    table = by_hand([[1], [0]])
    seen = table.with_feature("x", np.zeros((2, 3)))
    assert seen.noted("looked", "at it").features["x"] is seen.features["x"]
    for kept in (seen, seen.take(np.array([1]))):
        assert (kept.features["x"].flags.writeable, kept.features["x"].flags.c_contiguous) == (False, True)
    with pytest.raises(ProblemError, match="3 rows for 2 queries"):
        table.with_feature("x", np.zeros((3, 1)))


def test_prices_fill_what_was_not_recorded():
    """A recorded cost stays unless it is to be computed again; a cell that did not run costs nothing known; the history says so."""
    tokens = np.full((3, 2), 1e6)
    table = outcome_table(
        ["a", "b"], np.array([[1, 1], [1, 1], [1, NAN]]), cost_usd=np.array([[9, NAN], [NAN, NAN], [NAN, NAN]]), tokens_in=tokens,
        tokens_out=tokens,
    )  # fmt: skip
    card = ModelCard(name="b", price_in_usd_per_mtok=1, price_out_usd_per_mtok=2, tier="typed")
    priced = table.priced([card, replace(card, name="a")])
    assert priced.cost_usd("a").tolist() == [9, 3, 3]
    assert priced.cost_usd("b").tolist() == pytest.approx([3, 3, NAN], nan_ok=True)
    again = priced.priced([replace(card, name="a", price_in_usd_per_mtok=2)], recompute=True)
    assert again.cost_usd("a").tolist() == [4, 4, 4]
    assert priced.history[-1].detail == "prices set for b, a (typed)"
    assert table.priced([ModelCard(name="a")]).history[-1].detail == "prices set for no model (none)"


def test_one_column_never_holds_two_prices():
    """Computed again, a cost whose tokens are not recorded is unknown, not the old one; a model without any tokens keeps what it had."""
    tokens = np.array([[1e6, NAN], [NAN, NAN]])
    table = outcome_table(["a", "b"], np.ones((2, 2)), cost_usd=np.full((2, 2), 9.0), tokens_in=tokens, tokens_out=tokens)
    card = ModelCard(name="a", price_in_usd_per_mtok=1, price_out_usd_per_mtok=2, tier="typed")
    again = table.priced([card, replace(card, name="b")], recompute=True)
    assert again.cost_usd("a").tolist() == pytest.approx([3, NAN], nan_ok=True)
    assert again.cost_usd("b").tolist() == [9, 9]


def test_assumed_prices_are_marked():
    """0 and 1 make the cost the share of the second model; other weights are relative; a model without one is unknown."""
    table = by_hand([[1, 0, 1], [NAN, 1, 1]])
    pair = table.select(["a", "b"]).relatively_priced({"a": 0, "b": 1})
    assert (pair.cost_unit, pair.cards[0].tier, pair.cost_usd("b").tolist()) == ("share", "assumed", [1, 1])
    assert np.isnan(pair.cost_usd("a")).tolist() == [False, True]
    three = table.relatively_priced({"a": 1, "b": 20})
    assert (three.cost_unit, three.cost_usd("b").tolist()) == ("relative", [20, 20])
    assert np.isnan(three.cost_usd("c")).all()


def test_answers_become_codes_that_compare():
    """Equal within a row means the same answer; none and empty are -1."""
    table = by_hand([[1, 1, 0]] * 3, answers=[["x", "x", "y"], [None, "", "x"], ["y", "z", "y"]])
    codes = table.answer_codes
    assert codes[0, 0] == codes[0, 1] != codes[0, 2]
    assert codes[1].tolist()[:2] == [-1, -1]
    assert codes[2, 0] == codes[2, 2] != codes[2, 1]
    assert not codes.flags.writeable
    assert (by_hand([[1, 0]]).answer_codes == -1).all()


def test_a_history_grows_line_by_line():
    """What was done, in words and values; an origin says where it comes from."""
    table = by_hand([[1]]).noted("excluded", "3 rows", rows=[1, 2, 3])
    assert table.history == (HistoryLine(action="excluded", detail="3 rows", values={"rows": [1, 2, 3]}),)
    assert (table.origin.kind, Origin(name="x").empty_answer_means) == ("yours", "not run")


# Splits


def big(n=3000, **given):
    """Return n queries in three tasks of different size."""
    return by_hand([[1, 0]] * n, tasks=[("a", "b", "b", "c", "c", "c")[i % 6] for i in range(n)], **given)


@pytest.mark.parametrize("seed", [0, 1, -3])
def test_a_split_is_40_20_40_in_every_task(seed):
    """Stratified, complete, seeded; each part knows its role."""
    table = big()
    parts = table.split(seed=seed)
    assert [p.role for p in (parts.fit, parts.calibrate, parts.test)] == ["fit", "calibrate", "test"]
    ids = [i for p in (parts.fit, parts.calibrate, parts.test) for i in p.queries.ids]
    assert sorted(ids) == sorted(table.queries.ids)
    for task in range(3):
        counts = [int((p.queries.tasks == task).sum()) for p in (parts.fit, parts.calibrate, parts.test)]
        assert np.array(counts) / sum(counts) == pytest.approx([0.4, 0.2, 0.4], abs=0.01)
    assert np.array_equal(assigned(table, seed=seed), assigned(big(), seed=seed))
    assert not np.array_equal(assigned(table, seed=seed), assigned(table, seed=seed + 1))


def test_a_split_does_not_hang_on_the_order_of_rows():
    """A query's part follows from its key, not from its place."""
    table = big(600)
    order = np.random.default_rng(0).permutation(600)
    assert np.array_equal(assigned(table.take(order), seed=4), assigned(table, seed=4)[order])


def test_repeats_of_a_prompt_never_straddle():
    """All copies of a prompt are on one side, in splits and folds."""
    prompts = [f"Prompt {i % 400}" + " " * (i % 3) for i in range(1200)]
    table = by_hand([[1, 0]] * 1200, prompts=prompts)
    for part in (assigned(table, seed=2), fold_of(table, seed=2)):
        for group in range(400):
            assert len(set(part[group::400].tolist())) == 1


def test_the_files_own_split_wins():
    """Known words in any case; with train and test only, a third of train calibrates; an incomplete column is not used."""
    words = ["Train", "dev", " TEST ", "eval", "validation", "fit"] * 10
    table = by_hand([[1, 0]] * 60, splits=words)
    assert assigned(table)[:6].tolist() == [0, 1, 2, 2, 1, 0]
    two = assigned(by_hand([[1, 0]] * 60, splits=["train", "test"] * 30))
    assert (two[1::2] == 2).all()
    assert np.bincount(two[::2]).tolist() == [20, 10]
    for lacking in (["train", "dev"] * 30, [*words[:-1], None], [*words[:-1], "later"]):
        drawn = assigned(by_hand([[1, 0]] * 60, splits=lacking))
        assert np.array_equal(drawn, assigned(by_hand([[1, 0]] * 60)))


def test_folds_test_every_query_once():
    """Five splits; in each, the three parts are disjoint and complete."""
    table = big(300)
    folds = table.folds(seed=1)
    assert len(folds) == 5
    assert sorted(i for parts in folds for i in parts.test.queries.ids) == sorted(table.queries.ids)
    for parts in folds:
        assert sum(len(p) for p in (parts.fit, parts.calibrate, parts.test)) == 300
        assert not set(parts.fit.queries.ids) & set(parts.test.queries.ids)
        assert not set(parts.calibrate.queries.ids) & set(parts.test.queries.ids)
    assert fold_of(table, count=3).max() == 2


def test_small_tasks_are_spread_over_the_parts():
    """A hundred tasks of one query each do not all end up in the fit part."""
    table = by_hand([[1, 0]] * 100, tasks=[f"t{i}" for i in range(100)])
    assert np.bincount(assigned(table), minlength=3).min() >= 8


def test_too_few_queries_to_split_are_refused():
    """An empty part is an error that says how many are needed."""
    with pytest.raises(ProblemError, match="too few to split"):
        by_hand([[1, 0]] * 2).split()


def test_shuffled_keys_are_spread_evenly():
    """Neighbouring keys and seeds give unrelated numbers."""
    keys = np.arange(4096, dtype=np.uint64)
    for seed in (0, 1, 2**63, -1):
        share = shuffled(keys, seed) / 2.0**64
        assert abs(share.mean() - 0.5) < 0.02
        assert len(np.unique(share)) == 4096
    assert abs(np.corrcoef(shuffled(keys, 0) / 2.0**64, shuffled(keys, 1) / 2.0**64)[0, 1]) < 0.05
