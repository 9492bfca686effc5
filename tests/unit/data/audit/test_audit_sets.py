"""Checks of the set itself: repeats, leaks, holes, logs, domination, categories, labels, drift. Planted defects are found, nothing else."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import numpy as np
import pytest

from data.audit import Finding, apply, checks
from data.audit.drift import seconds
from data.audit.evidence import SIGMAS, association, counted, ranks, uneven
from data.outcomes import OutcomeTable, outcome_table
from data.queries import QuerySet

OWN = (
    "duplicate_prompts", "near_duplicates", "chosen_by_outcome", "contaminated", "missing_cells", "one_model_a_query", "dominated",
    "small_categories", "labels_disagree", "drift",
)  # fmt: skip
MODELS = ("a", "b", "c")
NOUNS = (  # noqa: SIM905  # words read better as a sentence
    "baker farmer teacher river engine orchard library printer garden market bottle ticket camera forest island kettle ladder mirror "
    "needle office parcel quarry rocket saddle tunnel vessel window yacht anchor basket"
).split()
VERBS = ["carries", "counts", "repairs", "paints", "delivers", "borrows", "measures", "collects", "divides", "sells", "gathers", "washes"]


def sentence(rng: random.Random, words: int = 16) -> str:
    """Return a question of random words that no other one resembles."""
    return f"How many {rng.choice(NOUNS)}s remain when " + " ".join(rng.choice(NOUNS if i % 2 else VERBS) for i in range(words)) + "?"


def questions(count: int, seed: int = 0) -> list[str]:
    """Return `count` unlike questions."""
    rng = random.Random(seed)
    return [sentence(rng) for _ in range(count)]


def table_of(count: int = 120, seed: int = 0, *, models: tuple[str, ...] = MODELS, means=(0.4, 0.6, 0.8), **changes) -> OutcomeTable:
    """Return a clean table with prompts, two tasks, references, answers that fit the scores, and time stamps."""
    rng = np.random.default_rng(seed)
    size = (count, len(models))
    quality = (rng.random(size) < means[: len(models)]).astype(np.float32)
    wanted = [str(100 + i) for i in range(count)]
    said = {m: [f"It is {int(w) if quality[i, k] else int(w) + 7}." for i, w in enumerate(wanted)] for k, m in enumerate(models)}
    start = datetime(2026, 1, 1, tzinfo=UTC)
    fields = {
        "cost_usd": rng.uniform(0.001, 0.01, size),
        "latency_s": rng.uniform(0.5, 4, size),
        "responses": {m: texts(each) for m, each in said.items()},
        "queries": QuerySet.build(
            [f"q{i}" for i in range(count)],
            prompts=questions(count, seed),
            references=wanted,
            tasks=["one" if i % 3 else "two" for i in range(count)],
            meta={"timestamp": [(start + timedelta(minutes=i)).isoformat() for i in range(count)]},
        ),
    }
    return outcome_table(models, changes.pop("quality", quality), **{**fields, **changes}, check=False)


def texts(column):
    """Return a column of texts."""
    from data.texts import Texts

    return Texts(column)


def with_queries(table: OutcomeTable, **columns) -> OutcomeTable:
    """Return the table with text columns of its queries replaced."""
    return replace(table, queries=replace(table.queries, **{name: texts(each) for name, each in columns.items()}))


def with_prompts(prompts: list[str], **columns) -> OutcomeTable:
    """Return a clean table that asks these prompts."""
    table = table_of(len(prompts))
    return with_queries(replace(table, queries=replace(table.queries, references=None)), prompts=prompts, **columns)


def with_field(table: OutcomeTable, name: str, values) -> OutcomeTable:
    """Return the table with a field of shape (n, M) replaced."""
    return replace(table, numbers={**table.numbers, name: np.asarray(values, dtype=np.float32)})


def found(table: OutcomeTable, check: str) -> dict[str, Finding]:
    """Return what one check finds, by id."""
    return {finding.id: finding for finding in checks()[check].find(table)}


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("check", OWN)
def test_a_clean_table_is_silent(check, seed):
    """No check finds anything in tables without defects, whatever the seed; nor in one with nothing but scores."""
    assert found(table_of(200, seed), check) == {}
    assert found(outcome_table(("x", "y"), np.random.default_rng(seed).random((50, 2))), check) == {}


# --- near duplicates -------------------------------------------------------------------------------------------------------------------

LONG = "A baker carries 24 loaves to the market, sells two thirds of them before noon and gives the rest to the library. How many are left?"


@pytest.mark.parametrize(
    "again",
    [
        LONG.replace(",", "").replace("?", " ?"),
        LONG.replace("The baker", "the baker").replace(". How", ".  Please: how"),
        LONG.replace("carries", "carryes"),
        LONG.replace("library", "libzrary"),
        LONG.replace("the market", "the old market"),
        LONG.replace("loaves to", "loafes to"),
        "Question: " + LONG,
        LONG.replace("the rest", "that rest"),
    ],
)
def test_the_same_question_in_nearly_the_same_words_is_found(again):
    """Another comma, a slip of the pen, a light word or one word more: the two rows are found and no other; the first one can be kept."""
    prompts = questions(60)
    prompts[17], prompts[40] = LONG, again
    table = with_prompts(prompts)
    finding = found(table, "near_duplicates")["near_duplicates"]
    assert (finding.rows.tolist(), finding.models) == ([17, 40], ())
    assert set(finding.choices) == {"repair", "exclude", "keep"}
    repaired = apply(table, finding, "repair")
    assert repaired.queries.ids.to_list() == [f"q{i}" for i in range(60) if i != 40]
    assert found(repaired, "near_duplicates") == {}
    assert len(apply(table, finding, "exclude")) == 58
    assert len(apply(table, finding, "keep")) == 60


@pytest.mark.parametrize(
    "other",
    [
        LONG.replace("24", "26"),
        LONG.replace("24", "-24"),
        LONG.replace("two thirds", "two fifths"),
        LONG.replace("are left", "are not left"),
        LONG.replace("before noon", "after noon"),
        LONG.replace("baker", "farmer"),
        LONG.replace("How many are left?", "How many are sold?"),
        LONG.replace("market", "library", 1).replace("the library. How", "the market. How"),
        LONG + " How many loaves would she have to carry to give thirty of them away at the end of the day?",
        LONG.replace("are left", "(are) left").replace("24", "(24)"),
        LONG,
        LONG.upper(),
    ],
)
def test_another_question_in_nearly_the_same_words_is_none(other):
    """A number, sign, negation, order, content word or question that differs makes another question; exact repeats are another finding."""
    prompts = questions(60)
    prompts[17], prompts[40] = LONG, other
    assert found(with_prompts(prompts), "near_duplicates") == {}


def test_a_word_that_occurs_elsewhere_is_no_slip():
    """Nitrate and nitrite are a letter apart, and both are words: other prompts use them. Nitrote is a slip."""
    prompts = questions(60)
    text = "Which salt of sodium {} is stored in the basket beside the window of the old library near the tunnel"
    prompts[3], prompts[30], prompts[9], prompts[50] = text.format("nitrate"), text.format("nitrite"), "Is nitrate red?", "Is nitrite blue?"
    assert found(with_prompts(prompts), "near_duplicates") == {}
    prompts[30] = text.format("nitrote")
    assert found(with_prompts(prompts), "near_duplicates")["near_duplicates"].rows.tolist() == [3, 30]


def test_two_short_references_that_differ_make_two_questions():
    """Where the references are known and short, prompts with different ones are different questions."""
    prompts = questions(60)
    prompts[17], prompts[40] = LONG, LONG.replace(",", "")
    same = [str(i) for i in range(60)]
    assert found(with_prompts(prompts, references=same), "near_duplicates") == {}
    same[17] = same[40] = "8"
    assert found(with_prompts(prompts, references=same), "near_duplicates")["near_duplicates"].rows.tolist() == [17, 40]


def test_templates_are_no_near_duplicates():
    """Problems that share a rule book of 1,500 letters and differ in a state and a goal are different; a copy with a comma is none."""
    rng = random.Random(3)
    rules = " ".join(sentence(random.Random(k), 20) for k in range(10))
    colours = ["red", "blue", "green", "yellow", "orange", "white"]

    def problem() -> str:
        order = rng.sample(colours, 6)
        stack = ", ".join(f"the {x} block is on top of the {y} block" for x, y in pairwise(order))
        goal = rng.sample(colours, 2)
        return f"{rules} As initial conditions I have that {stack}. My goal is the {goal[0]} block on top of the {goal[1]} block."

    prompts = list(dict.fromkeys(problem() for _ in range(200)))
    assert found(with_prompts(prompts), "near_duplicates") == {}
    prompts.append(prompts[11].replace("conditions I have", "conditions, I have"))
    assert found(with_prompts(prompts), "near_duplicates")["near_duplicates"].rows.tolist() == [11, len(prompts) - 1]


def test_one_document_with_several_questions_is_no_near_duplicate():
    """A long passage with another question at its end is asked twice, not repeated."""
    passage = " ".join(questions(40, seed=8))
    prompts = [*questions(40), f"{passage} Who repaired the engine?", f"{passage} Where is the yacht now?", f"{passage} Who repaired it?"]
    assert found(with_prompts(prompts), "near_duplicates") == {}


def test_clusters_hold_exact_repeats_and_chains():
    """A group holds all prompts that are nearly equal to one of it, and exact repeats of these; repair keeps the first row of each."""
    prompts = questions(60)
    for i, row in enumerate((5, 20, 33, 48)):
        prompts[row] = LONG.replace("market,", ("market,", "market", "old market", "market,")[i])
    prompts[7], prompts[8] = sentence(random.Random(99)), sentence(random.Random(99)).replace("?", ".")
    table = with_prompts(prompts)
    finding = found(table, "near_duplicates")["near_duplicates"]
    assert finding.rows.tolist() == [5, 7, 8, 20, 33, 48]
    assert "6 rows ask 2 questions" in finding.meaning
    assert apply(table, finding, "repair").queries.ids.to_list() == [f"q{i}" for i in range(60) if i not in (8, 20, 33, 48)]


def test_pairs_across_the_split_are_counted():
    """Where train holds the question of a test row in other words, the share of test that leaks is said, and is a warning over 1 %."""
    prompts = questions(60)
    prompts[17], prompts[40] = LONG, LONG.replace(",", "")
    sides = ["train"] * 30 + ["test"] * 30
    finding = found(with_prompts(prompts, splits=sides), "near_duplicates")["near_duplicates"]
    assert finding.severity == "warning"
    assert "1 of 30 test queries" in finding.meaning
    sides[17], sides[50] = "test", "train"
    finding = found(with_prompts(prompts, splits=sides), "near_duplicates")["near_duplicates"]
    assert (finding.severity, "None is on two sides" in finding.meaning) == ("info", True)


def test_more_prompts_than_are_looked_at_are_drawn(monkeypatch):
    """Beyond the limit a fixed draw is looked at, and the finding says so."""
    from data.audit import near_duplicates

    prompts = [text for question in questions(40) for text in (question, question.replace("How", "How,"))]
    monkeypatch.setattr(near_duplicates, "PROMPTS_MOST", 50)
    rows = [found(with_prompts(prompts), "near_duplicates")["near_duplicates"].rows.tolist() for _ in range(2)]
    assert rows[0] == rows[1]
    assert 0 < len(rows[0]) < 50
    assert "A draw of 50 prompts" in found(with_prompts(prompts), "near_duplicates")["near_duplicates"].meaning


def test_a_long_prompt_is_compared_as_a_whole():
    """Of prompts longer than what candidates are sought in, the middle counts too."""
    body = questions(400, seed=4)
    long = " ".join(body)
    prompts = [*questions(40), long, long.replace("?", "."), long.replace(body[200], body[200].replace("How many", "How many not"))]
    assert found(with_prompts(prompts), "near_duplicates")["near_duplicates"].rows.tolist() == [40, 41]


# --- exact repeats and leaks -----------------------------------------------------------------------------------------------------------


def test_repeats_on_two_sides_of_the_files_own_split_leak():
    """Test rows whose prompt the file has in train as well are found, and only these; without a split of its own nothing leaks."""
    prompts = questions(60)
    prompts[50], prompts[51] = prompts[3].upper(), prompts[52]
    sides = ["train"] * 40 + ["test"] * 20
    table = with_prompts(prompts, splits=sides)
    findings = found(table, "duplicate_prompts")
    assert findings["duplicate_prompts"].rows.tolist() == [3, 50, 51, 52]
    leak = findings["duplicate_prompts.across_splits"]
    assert (leak.rows.tolist(), leak.severity) == ([50], "warning")
    assert "1 of 20 test prompts" in leak.meaning
    assert "duplicate_prompts.across_splits" not in found(apply(table, leak, "exclude"), "duplicate_prompts")
    assert set(found(with_prompts(prompts), "duplicate_prompts")) == {"duplicate_prompts"}


def test_prompts_of_another_file_are_a_finding_of_their_own():
    """Rows marked as being in another file of the set are found beside the contaminated ones; a column of nothing but "no" is none."""
    marks = ["yes" if i in (2, 9) else None for i in range(60)]
    meta = {"also in test.json": texts(marks), "also in dev.json": texts(["no"] * 60), "contaminated": texts(["yes", *[None] * 59])}
    table = with_prompts(questions(60))
    table = replace(table, queries=replace(table.queries, meta=meta))
    findings = found(table, "contaminated")
    assert set(findings) == {"contaminated", "contaminated.other_file"}
    leak = findings["contaminated.other_file"]
    assert (leak.rows.tolist(), leak.severity) == ([2, 9], "warning")
    assert "2 in test.json" in leak.meaning
    assert "dev.json" not in leak.meaning
    assert "contaminated.other_file" not in found(apply(table, leak, "exclude"), "contaminated")


# --- holes and logs --------------------------------------------------------------------------------------------------------------------


def holed(holes: np.ndarray, count: int = 400, seed: int = 0) -> OutcomeTable:
    """Return a clean table in which model c was not run where `holes` says."""
    table = table_of(count, seed)
    quality = np.array(table.numbers["quality"])
    quality[holes, 2] = np.nan
    return with_field(table, "quality", quality)


@pytest.mark.parametrize("seed", range(10))
def test_holes_by_a_coin_look_random(seed):
    """Holes that follow a coin are said to look so, whatever the seed, and are counted by model."""
    holes = np.random.default_rng(seed + 100).random(400) < 0.3
    finding = found(holed(holes, seed=seed), "missing_cells")["missing_cells"]
    assert finding.rows.tolist() == np.flatnonzero(holes).tolist()
    assert finding.models == ("c",)
    assert f"c {holes.sum()}" in finding.meaning
    assert "look missing at random" in finding.meaning


def test_holes_that_follow_task_length_or_outcome_are_not_random():
    """What the holes depend on is named: the task, the length of the prompt, how the other models did."""
    rng = np.random.default_rng(1)
    by_task = np.array([i % 3 == 0 for i in range(400)]) & (rng.random(400) < 0.8)
    assert "depend on the task (c)" in found(holed(by_task), "missing_cells")["missing_cells"].meaning
    table = table_of(400)
    lengths = np.array([len(text) for text in table.queries.prompts.filled()])
    by_length = (lengths > np.median(lengths)) & (rng.random(400) < 0.8)
    assert "depend on the length of the prompt (c)" in found(holed(by_length), "missing_cells")["missing_cells"].meaning
    hard = (table.quality("a") + table.quality("b") < 1) & (rng.random(400) < 0.8)
    assert "depend on how the other models did (c)" in found(holed(hard), "missing_cells")["missing_cells"].meaning
    few = np.arange(400) < 3
    assert "too few or too many" in found(holed(few), "missing_cells")["missing_cells"].meaning


def test_holes_with_a_recorded_propensity_are_at_random():
    """Where the probability of each call is recorded and below 1, the holes are at random, and what to do is said."""
    rng = np.random.default_rng(2)
    table = holed(rng.random(400) < 0.75)
    chances = np.full((400, 3), np.nan)
    chances[~np.isnan(table.quality("c")), 2] = 0.25
    meaning = found(with_field(table, "propensity", chances), "missing_cells")["missing_cells"].meaning
    assert "known propensity" in meaning
    assert "0.25" in meaning
    chances[~np.isnan(chances)] = 1.0
    assert "known propensity" not in found(with_field(table, "propensity", chances), "missing_cells")["missing_cells"].meaning


def log_of(count: int = 200, **changes) -> OutcomeTable:
    """Return a log in which each query went to one of three models."""
    table = table_of(count, **changes)
    picked = np.random.default_rng(3).integers(0, 3, count)[:, None] == np.arange(3)
    return replace(table, numbers={name: np.where(picked, values, np.nan) for name, values in table.numbers.items()})


def test_a_log_of_one_model_a_query_says_what_can_be_concluded():
    """The rows of such a log are found, in place of missing cells; with a propensity below 1 policies can be valued, else not."""
    table = log_of()
    assert found(table, "missing_cells") == {}
    finding = found(table, "one_model_a_query")["one_model_a_query"]
    assert (finding.rows.tolist(), finding.models, finding.severity) == (list(range(200)), MODELS, "warning")
    assert "no other policy can be valued" in finding.meaning
    assert len(apply(table, finding, "keep")) == 200
    made = ~np.isnan(table.numbers["quality"])
    known = found(with_field(table, "propensity", np.where(made, 1 / 3, np.nan)), "one_model_a_query")["one_model_a_query"]
    assert (known.severity, "can be estimated" in known.meaning) == ("info", True)
    fixed = found(with_field(table, "propensity", np.where(made, 1.0, np.nan)), "one_model_a_query")["one_model_a_query"]
    assert (fixed.severity, "fixed rule" in fixed.meaning) == ("warning", True)
    part = np.where(made, 1 / 3, np.nan)
    part[:5] = np.nan
    assert "not recorded for all" in found(with_field(table, "propensity", part), "one_model_a_query")["one_model_a_query"].meaning
    part = np.where(made, 1 / 3, np.nan)
    part[0] = np.where(made[0], 0.0, np.nan)
    assert "can't be" in found(with_field(table, "propensity", part), "one_model_a_query")["one_model_a_query"].meaning


def test_a_table_with_holes_is_no_log():
    """Where a fifth of the queries were run by more than one model, the table is one with holes; a single model is no log."""
    table = log_of()
    full = table_of(200)
    rows = np.arange(200)[:, None] < 40
    mixed = replace(table, numbers={name: np.where(rows, full.numbers[name], values) for name, values in table.numbers.items()})
    assert found(mixed, "one_model_a_query") == {}
    assert set(found(mixed, "missing_cells")) == {"missing_cells"}
    assert found(table_of(models=("a",)), "one_model_a_query") == {}


def test_calls_without_any_score_are_said():
    """A log without scores says so once; one of which some queries are unscored names these rows, which can be left out."""
    table = log_of()
    nothing = with_field(table, "quality", np.full((200, 3), np.nan))
    finding = found(nothing, "one_model_a_query")["one_model_a_query.no_quality"]
    assert (finding.title, finding.rows.tolist(), set(finding.choices)) == ("No score", list(range(200)), {"keep"})
    assert found(nothing, "missing_cells") == {}
    quality = np.array(table.numbers["quality"])
    quality[[4, 9]] = np.nan
    some = with_field(table, "quality", quality)
    finding = found(some, "one_model_a_query")["one_model_a_query.no_quality"]
    assert finding.rows.tolist() == [4, 9]
    assert "one_model_a_query.no_quality" not in found(apply(some, finding, "exclude"), "one_model_a_query")


def test_a_recorded_cascade_is_scored_only_where_it_stopped():
    """Rows with several calls of which one is scored are a cascade's: its models' means can't be compared. A log is none."""
    table = table_of(100)
    last = np.random.default_rng(4).integers(0, 3, 100)
    calls = np.arange(3) <= last[:, None]
    numbers = {name: np.where(calls, values, np.nan) for name, values in table.numbers.items()}
    numbers["quality"] = np.where(np.arange(3) == last[:, None], numbers["quality"], np.nan)
    cascade = replace(table, numbers=numbers)
    finding = found(cascade, "chosen_by_outcome")["chosen_by_outcome.cascade"]
    assert (finding.rows.tolist(), finding.models, finding.severity) == (list(range(100)), MODELS, "warning")
    assert f"{counted(int(last.sum()), 'answer')} that it turned down" in finding.meaning
    assert found(cascade, "missing_cells") == {}
    assert found(cascade, "one_model_a_query") == {}
    assert "chosen_by_outcome.cascade" not in found(log_of(), "chosen_by_outcome")


# --- domination, categories ------------------------------------------------------------------------------------------------------------


def test_a_dearer_model_that_is_no_better_is_found():
    """A model that costs three times as much as a better one is found with the rows that both ran, and can be left out."""
    table = table_of(300)
    cost = np.array(table.numbers["cost_usd"]) * [3, 1, 1]
    cost[:7, 0] = np.nan
    table = with_field(table, "cost_usd", cost)
    finding = found(table, "dominated")["dominated"]
    assert (finding.models, finding.rows.tolist(), finding.severity) == (("a",), list(range(7, 300)), "info")
    assert "a costs 3" in finding.meaning
    assert "293 queries" in finding.meaning
    assert apply(table, finding, "repair").models == ("b", "c")
    assert found(apply(table, finding, "repair"), "dominated") == {}


def test_an_equal_model_at_twice_the_price_is_dominated():
    """Two models with the same answers: the dearer one is dominated, the cheaper one not, also where the cheaper one is free."""
    table = table_of(100, models=("a", "b"), means=(0.5, 0.5))
    quality = np.repeat(table.numbers["quality"][:, :1], 2, axis=1)
    for cheap, words in ((0.001, "costs 2 times"), (0.0, "costs money")):
        twice = with_field(with_field(table, "quality", quality), "cost_usd", np.full((100, 2), [cheap, 0.002]))
        finding = found(twice, "dominated")["dominated"]
        assert finding.models == ("b",)
        assert words in finding.meaning


def test_what_is_not_certain_is_not_dominated():
    """A dearer model that may be better, one that is better, few common queries, prices that nobody knows and relative ones: silent."""
    table = table_of(300)
    cost = np.array(table.numbers["cost_usd"])
    assert found(with_field(table, "cost_usd", cost * [1, 1, 3]), "dominated") == {}
    alike = table_of(300, means=(0.6, 0.61, 0.62))
    assert found(with_field(alike, "cost_usd", cost * [3, 1, 1]), "dominated") == {}
    assert found(with_field(table_of(29), "cost_usd", cost[:29] * [3, 1, 1]), "dominated") == {}
    assert found(with_field(table, "cost_usd", np.full((300, 3), np.nan)), "dominated") == {}
    assert found(replace(with_field(table, "cost_usd", cost * [3, 1, 1]), cost_unit="relative"), "dominated") == {}


def test_small_categories_are_found():
    """The rows of categories with fewer than 30 queries are found; 30 are enough, one category is none, and all can't be left out."""
    tasks = ["big"] * 60 + ["thirty"] * 30 + ["few"] * 29 + ["one"]

    def table(names: list[str]) -> OutcomeTable:
        return table_of(len(names), queries=QuerySet.build([str(i) for i in range(len(names))], tasks=names))

    finding = found(table(tasks), "small_categories")["small_categories"]
    assert (finding.rows.tolist(), finding.severity, set(finding.choices)) == (list(range(90, 120)), "info", {"keep", "exclude"})
    assert "one 1, few 29" in finding.meaning
    assert found(apply(table(tasks), finding, "exclude"), "small_categories") == {}
    assert found(table(["one"] * 29 + ["other"] * 31), "small_categories")["small_categories"].rows.tolist() == list(range(29))
    assert set(found(table(["one"] * 20 + ["other"] * 20), "small_categories")["small_categories"].choices) == {"keep"}
    assert found(table(["alone"] * 40), "small_categories") == {}
    assert found(table(["one"] * 10 + ["other"] * 10), "small_categories") == {}


# --- labels ----------------------------------------------------------------------------------------------------------------------------


def mislabelled(table: OutcomeTable, cells: list[tuple[int, int]]) -> OutcomeTable:
    """Return the table with some labels turned round."""
    quality = np.array(table.numbers["quality"])
    for row, model in cells:
        quality[row, model] = 1 - quality[row, model]
    return with_field(table, "quality", quality)


def test_labels_that_answers_do_not_bear_out_are_found_and_turned():
    """Exactly the turned labels of a model with more than 1 % of them are found; repair restores them. One in 200 is let pass."""
    table = table_of(200)
    wrong = mislabelled(table, [(5, 0), (17, 0), (60, 0), (99, 1)])
    finding = found(wrong, "labels_disagree")["labels_disagree"]
    assert (finding.rows.tolist(), finding.models, finding.severity) == ([5, 17, 60], ("a",), "warning")
    right = int((np.array(wrong.quality("a"))[[5, 17, 60]] == 1).sum())
    assert f"{right} recorded right and found wrong, {3 - right} recorded wrong" in finding.meaning
    assert "a 3 of 200" in finding.meaning
    repaired = apply(wrong, finding, "repair")
    assert np.array_equal(repaired.quality("a"), table.quality("a"))
    assert repaired.quality("b")[99] == wrong.quality("b")[99]
    assert found(repaired, "labels_disagree") == {}


def test_labels_of_another_scorer_are_not_judged():
    """Where right and wrong labels don't agree with the scorer, or there is no text to score, nothing is said."""
    table = table_of(200)
    rng = np.random.default_rng(7)
    assert found(with_field(table, "quality", rng.integers(0, 2, (200, 3))), "labels_disagree") == {}
    assert found(with_field(table, "quality", np.where(rng.random((200, 3)) < 0.04, 1.0, 0.0)), "labels_disagree") == {}
    spoilt = mislabelled(table, [(5, 0), (17, 0), (60, 0)])
    assert found(replace(spoilt, responses={}), "labels_disagree") == {}
    assert found(replace(spoilt, queries=replace(spoilt.queries, references=None)), "labels_disagree") == {}
    graded = with_field(spoilt, "quality", spoilt.numbers["quality"] * 0.7)
    assert found(graded, "labels_disagree") == {}


def test_each_task_has_its_own_scorer():
    """Numbers in one task and words in another are both scored; the odd label of each is found. A named scorer is used."""
    table = table_of(240)
    words = [f"w{i % 40} is it" for i in range(240)]
    two = np.array([table.queries.task_of(i) == "two" for i in range(240)])
    wanted = [words[i] if two[i] else str(100 + i) for i in range(240)]
    said = {
        model: [
            (words[i] if table.quality(m)[i] else "no idea") if two[i] else (table.responses[model][i] or "") for i in range(240)
        ]
        for m, model in enumerate(MODELS)
    }  # fmt: skip
    mixed = replace(with_queries(table, references=wanted), responses={m: texts(each) for m, each in said.items()})
    assert found(mixed, "labels_disagree") == {}
    odd = [(int(np.flatnonzero(two)[3]), 1), (int(np.flatnonzero(two)[9]), 1), (int(np.flatnonzero(~two)[4]), 1)]
    finding = found(mislabelled(mixed, odd), "labels_disagree")["labels_disagree"]
    assert finding.rows.tolist() == sorted(row for row, _ in odd)
    assert "numeric" in finding.meaning
    named = replace(mislabelled(table, [(5, 0), (17, 0), (60, 0)]), origin=replace(table.origin, scorer="numeric"))
    assert found(named, "labels_disagree")["labels_disagree"].rows.tolist() == [5, 17, 60]


def test_spaces_inside_quotes_are_not_judged():
    """A reference whose own ends are spaces can't be compared safely with what a file kept of an answer: its label is let be."""
    table = table_of(200)
    wanted = [f"'x{i} '" if i < 50 else f"'x{i}'" for i in range(200)]
    said = {m: [f"x{i}" if table.quality(k)[i] else "y" for i in range(200)] for k, m in enumerate(MODELS)}
    table = replace(with_queries(table, references=wanted), responses={}, answers={m: texts(each) for m, each in said.items()})
    cells = [(row, 0) for row in (3, 9, 12, 40, 44, 120, 130, 140)]
    assert found(mislabelled(table, cells), "labels_disagree")["labels_disagree"].rows.tolist() == [120, 130, 140]


# --- drift -----------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "change"),
    [("quality", lambda values, late: np.where(late, 0, values)), ("cost_usd", lambda v, late: np.where(late, v * 3, v)),
     ("latency_s", lambda v, late: np.where(late, v + 2, v))],
)  # fmt: skip
def test_a_field_that_changes_over_time_is_found(name, change):
    """A model whose values change after half of the time is found with the earlier half of its rows; others and other fields are not."""
    table = table_of(200)
    order = np.random.default_rng(8).permutation(200)
    stamps = [table.queries.meta["timestamp"][int(i)] for i in order]
    table = replace(table, queries=replace(table.queries, meta={"timestamp": texts(stamps)}))
    values = np.array(table.numbers[name])
    values[:, 1] = change(values[:, 1], order >= 100)
    drifted = with_field(table, name, values)
    findings = found(drifted, "drift")
    assert set(findings) == {f"drift.{name}"}
    finding = findings[f"drift.{name}"]
    assert (finding.models, finding.rows.tolist(), finding.severity) == (("b",), np.flatnonzero(order < 100).tolist(), "warning")
    assert len(apply(drifted, finding, "exclude")) == 100
    assert found(apply(drifted, finding, "exclude"), "drift") == {}


def test_tasks_one_after_the_other_are_no_drift():
    """A file sorted by task, hard ones last, changes over time only because the tasks do."""
    table = table_of(400, queries=None)
    quality = (np.random.default_rng(9).random((400, 3)) < np.where(np.arange(400) < 200, 0.9, 0.2)[:, None]).astype(np.float32)
    stamps = [str(1_767_225_600 + 60 * i) for i in range(400)]
    for tasks, expected in ((["easy"] * 200 + ["hard"] * 200, set()), (["all"] * 400, {"drift.quality"})):
        queries = QuerySet.build([str(i) for i in range(400)], tasks=tasks, meta={"timestamp": stamps})
        assert set(found(replace(table, queries=queries, numbers={"quality": quality}), "drift")) == expected


def test_models_that_come_late_or_go_early_are_found():
    """A model that is not called in the first quarter, or the last, is found with the rows of that time; random gaps are not."""
    table = log_of(300)
    called = ~np.isnan(table.numbers["quality"])
    called[:75, 2], called[225:, 1] = False, False
    called[~called.any(axis=1), 0] = True
    full = table_of(300)
    late = replace(table, numbers={name: np.where(called, values, np.nan) for name, values in full.numbers.items()})
    finding = found(late, "drift")["drift.models"]
    assert finding.models == ("b", "c")
    first, last = np.flatnonzero(called[:, 2])[0], np.flatnonzero(called[:, 1])[-1]
    assert finding.rows.tolist() == [*range(first), *range(last + 1, 300)]
    assert "c appears late" in finding.meaning
    assert "b ends early" in finding.meaning
    assert found(apply(late, finding, "exclude"), "drift") == {}
    for seed in range(10):
        picked = np.random.default_rng(seed).integers(0, 3, 300)[:, None] == np.arange(3)
        even = replace(full, numbers={name: np.where(picked, values, np.nan) for name, values in full.numbers.items()})
        assert found(even, "drift") == {}


def test_without_usable_time_stamps_nothing_drifts():
    """Words, one moment for all, or no time stamps at all: nothing is said."""
    table = table_of(200)
    quality = np.array(table.numbers["quality"])
    quality[100:, 1] = 0
    drifted = with_field(table, "quality", quality)
    for stamps in (["soon"] * 200, ["2026-01-01"] * 200):
        assert found(replace(drifted, queries=replace(table.queries, meta={"timestamp": texts(stamps)})), "drift") == {}
    assert found(replace(drifted, queries=replace(table.queries, meta={})), "drift") == {}


@pytest.mark.parametrize(
    ("text", "expected"),
    [("2026-01-01T00:00:00Z", 1_767_225_600), ("2026-01-01T01:00:00+01:00", 1_767_225_600), ("2026-01-01 00:00:00.5", 1_767_225_600.5),
     ("1767225600", 1_767_225_600), ("1767225600123", 1_767_225_600.123), ("1767225600123456", 1_767_225_600.123456),
     ("1767225600123456789", 1_767_225_600.123456789), (" 2026-01-01 ", 1_767_225_600)],
)  # fmt: skip
def test_time_stamps_are_read(text, expected):
    """ISO 8601 with and without a zone, and numbers of s, ms, us and ns since 1970 are the same moment."""
    assert seconds(text) == pytest.approx(expected, abs=1e-3)


@pytest.mark.parametrize("text", [None, "", "soon", "nan", "inf", "-1", "2026-13-01", "1e400"])
def test_what_is_no_time_stamp_is_unknown(text):
    """Other texts are no moment."""
    assert np.isnan(seconds(text))


# --- evidence --------------------------------------------------------------------------------------------------------------------------


def test_evidence_is_calibrated():
    """Under independence the measures stay within 4 standard errors, and their spread is that of a standard normal variable."""
    rng = np.random.default_rng(11)
    groups = rng.integers(0, 6, 500)
    pairs = [association(rng.random(500), rng.random(500) < 0.3, groups) for _ in range(400)]
    shares = [uneven(rng.random(500) < 0.3, groups) for _ in range(400)]
    for values in (pairs, shares):
        assert max(map(abs, values)) < SIGMAS
        assert np.std(values) == pytest.approx(1, abs=0.12)
        assert np.mean(values) == pytest.approx(0, abs=0.15)


def test_evidence_grows_with_the_pattern():
    """A trend within groups counts, one between groups doesn't; shares that differ by group count; constant series and few rows don't."""
    groups = np.repeat([0, 1], 100)
    trend = np.tile(np.arange(100), 2)
    assert association(trend, trend, groups) == pytest.approx(np.sqrt(198))
    assert association(trend, -trend) < -10
    assert association(groups, groups, groups) == 0
    assert association(np.ones(200), trend) == 0
    assert association(trend[:8], trend[:8]) == 0
    assert uneven(groups == 1, groups) > 10
    assert uneven(trend < 50, groups) < 0
    assert uneven(groups == 1, np.arange(200)) == 0
    assert ranks(np.array([3.0, 1.0, 3.0, 2.0])).tolist() == [2.5, 0.0, 2.5, 1.0]
    assert (counted(1, "row"), counted(2000, "query", "queries")) == ("1 row", "2,000 queries")
