"""The Data page in process: what is understood, asked, refused, kept and found again."""

from __future__ import annotations

import html
import pickle
import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from dashboard.components import datacard, pricing, uploads
from dashboard.components import mapping as mapping_step
from dashboard.state import Slot, View, encode
from data.readers.base import Upload
from data.readers.detect import finish, inspect
from data.stores import home

MIXTRAL, GPT4 = "Mixtral-8x7B-Instruct-v0.1", "gpt-4-1106-preview"
PER_1K = "{}: $ per 1,000 queries"


def _page() -> None:
    from dashboard.pages import sets

    sets.show()


@pytest.fixture
def gone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """An empty folder of the user's own; the list of pages that were switched to."""
    monkeypatch.setenv("ROUTESCOPE_HOME", str(tmp_path))
    visited: list[str] = []
    monkeypatch.setattr("dashboard.pages.go", visited.append)
    return visited


def _opened(view: View | None = None) -> AppTest:
    app = AppTest.from_function(_page, default_timeout=60)
    if view is not None:
        app.query_params["v"] = encode(view)
    return app.run()


def _add(app: AppTest, *files: tuple[str, bytes]) -> AppTest:
    """Upload files and wait until they are read."""
    app.file_uploader[0].set_value([(name, content, "application/octet-stream") for name, content in files]).run()
    for _ in range(30):
        key = app.session_state.get("upload.job")
        if key is None or uploads.jobs.ALL.get(key).phase != "running":
            break
        app.run()
    assert not app.exception
    return app.run()


def _texts(app: AppTest) -> str:
    """Return everything that the page says, HTML tables included."""
    said = [element.value for kind in (app.markdown, app.caption, app.error, app.info, app.warning) for element in kind]
    return "\n".join([*said, *(element.proto.body for element in app.get("html"))])


def _press(app: AppTest, label: str) -> AppTest:
    next(button for button in app.button if button.label == label).click().run()
    assert not app.exception
    return app


def _labels(app: AppTest) -> list[str]:
    return [button.label for button in app.button]


def _table(rows: int, **columns: Sequence[object]) -> bytes:
    lines = [",".join(["id", "prompt", *columns])]
    lines += [",".join([f"q{i}", f"question {i}", *(str(values[i]) for values in columns.values())]) for i in range(rows)]
    return "\n".join(lines).encode()


def _two_models(rows: int = 60) -> bytes:
    return _table(rows, small_score=[i % 2 for i in range(rows)], large_score=[int(i % 5 > 0) for i in range(rows)])


def _gsm8k(shared_data: Path) -> tuple[str, bytes]:
    path = shared_data / "routellm_gsm8k" / "gsm8k_responses.csv"
    return path.name, path.read_bytes()


def _hovers(app: AppTest) -> list[float]:
    """Return the full-precision numbers that hang on the page's tables."""
    bodies = "".join(element.proto.body for element in app.get("html"))
    titles = [html.unescape(title) for title in re.findall(r'title="([^"]*)"', bodies)]
    return [float(title) for title in titles if re.fullmatch(r"-?[\d.]+(e-?\d+)?", title)]


def test_gsm8k_needs_two_prices_and_one_button(gone: list[str], shared_data: Path) -> None:
    """The unmodified file is understood by itself; two typed prices and Save and open lead to Trade-offs with a priced set."""
    app = _add(_opened(), _gsm8k(shared_data))
    assert "1,319 queries, 2 models, quality known for all" in _texts(app)
    app.number_input(key=_key(app, MIXTRAL)).set_value(0.25)
    app.number_input(key=_key(app, GPT4)).set_value(12.0).run()
    _press(app, "Save and open")
    assert gone == ["tradeoffs"]
    kept = home.entries()[0]
    table = home.get(kept.id)
    assert app.session_state["view"].data == kept.id
    assert app.session_state["view"].file == "gsm8k_responses.csv"
    assert [round(1000 * cost, 6) for cost in table.mean("cost_usd").values()] == [0.25, 12.0]
    assert {card.tier for card in table.cards} == {"assumed"}


def _key(app: AppTest, model: str) -> str:
    return str(next(number.key for number in app.number_input if number.label == PER_1K.format(model)))


def test_estimates_from_list_prices_are_offered_not_imposed(gone: list[str], shared_data: Path) -> None:
    """Prices start unknown; one button fills in what list prices and text lengths give."""
    app = _add(_opened(), _gsm8k(shared_data))
    assert [app.number_input(key=_key(app, model)).value for model in (MIXTRAL, GPT4)] == [None, None]
    _press(app, "Fill in estimates from list prices")
    low, high = (app.number_input(key=_key(app, model)).value for model in (MIXTRAL, GPT4))
    assert 0 < low < high


@pytest.mark.parametrize(
    ("files", "truths"),
    [
        ("routellm_gsm8k/gsm8k_responses.csv", [0.638362, 0.856710]),
        ("routellm_mmlu/responses/*.csv", [0.680815, 0.805797]),
        ("omnisbench/2026-08-19_results.json", [0.991758, 0.945055, 0.953271, 0.949367]),
    ],
)
def test_data_card_shows_the_recorded_means(gone: list[str], shared_data: Path, files: str, truths: list[float]) -> None:
    """Every single model's mean hangs on the data card in full precision and equals the recorded figure to 1e-6."""
    app = _add(_opened(), *((path.name, path.read_bytes()) for path in sorted(shared_data.glob(files))))
    _press(app, "Save and open")
    shown = _hovers(app.run())
    for truth in truths:
        assert any(abs(truth - value) < 1e-6 for value in shown), truth


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("model.pkl", pickle.dumps({"a": 1}), "this is a pickle"),
        ("nothing.csv", b"", "the file is empty"),
        ("noise.bin", bytes(range(256)) * 4, "What to do"),
    ],
)
def test_what_cannot_be_read_is_refused_in_words(gone: list[str], name: str, content: bytes, why: str) -> None:
    """A pickle, an empty file and noise are refused with the file's name, the reason and the way out; nothing is kept."""
    app = _add(_opened(), (name, content))
    said = html.unescape(_texts(app))
    assert why in said
    assert name in said
    assert "Save and open" not in _labels(app)
    assert not home.entries()
    _press(app, "Discard")
    assert why not in html.unescape(_texts(app))


def test_bad_rows_are_named_and_can_be_left_out_knowingly(gone: list[str]) -> None:
    """Problems come with row and column; only after the tick can the good rows be saved, and the history says so."""
    scores: list[object] = [i % 2 for i in range(60)]
    scores[4], scores[9] = 1.7, "maybe"
    app = _add(_opened(), ("broken.csv", _table(60, small_score=scores, large_score=[1] * 60)))
    said = html.unescape(_texts(app))
    assert "the score is 1.7, outside 0 to 1." in said
    assert "'maybe' is not a score." in said
    assert "Save and open" not in _labels(app)
    tick = next(box for box in app.checkbox if box.label == "Use the 58 good rows and leave the others out")
    tick.check().run()
    _press(app, "Save and open")
    table = home.get(home.entries()[0].id)
    assert len(table) == 58
    assert "dropped bad rows" in {line.action for line in table.history}


def test_one_press_mends_a_scale_and_a_number_that_is_no_score(gone: list[str]) -> None:
    """Scores of one model from 0 to 100 and a -1 are said with how many rows they are, and two presses bring the table."""
    hundred: list[object] = [100 * (i % 3 > 0) if i % 2 else 40 + i % 7 for i in range(60)]
    flags: list[object] = [i % 2 for i in range(60)]
    flags[5] = -1
    app = _add(_opened(), ("cents.csv", _table(60, small_score=flags, large_score=hundred, small_latency_ms=[250] * 60)))
    beyond = sum(float(str(score)) > 1 for score in hundred)
    assert f"Problems in {beyond + (float(str(hundred[5])) <= 1)} rows stand in the way" in _texts(app)
    assert "Not ready yet" in _texts(app)
    _press(app, "Read all scores as 0 to 100")
    assert "If -1 means not recorded, say so: missing = -1." in html.unescape(_texts(app))
    _press(app, "Read -1 as not recorded")
    assert "stand in the way" not in _texts(app)
    _press(app, "Save and open")
    table = home.get(home.entries()[0].id)
    assert table.mean("quality")["large"] == pytest.approx(float(np.mean([float(str(score)) for score in hundred])) / 100)
    assert np.isnan(table.quality("small")[5])
    assert datacard.read_as(table.history[0]) == ["latencies in milliseconds", "scores from 0 to 100", "not recorded: -1"]


def test_a_few_scores_beyond_one_are_no_scale(gone: list[str]) -> None:
    """One score of 1.7 among many of 0 and 1 is a mistake in a row: no press makes a scale of it."""
    scores: list[object] = [i % 2 for i in range(60)]
    scores[4] = 1.7
    app = _add(_opened(), ("broken.csv", _table(60, small_score=scores, large_score=[1] * 60)))
    assert "One problem stands in the way" in _texts(app)
    assert not [label for label in _labels(app) if label.startswith("Read ")]


def test_scores_beyond_one_offer_their_scale(gone: list[str]) -> None:
    """Scores from 0 to 100 are shown as a question with the likely scale chosen, and are rescaled."""
    app = _add(_opened(), ("scale.csv", _table(101, a_score=list(range(101)), b_score=[100 - i for i in range(101)])))
    assert any("Scores look like 0 to 100" in box.label for box in app.selectbox)
    _press(app, "Save and open")
    table = home.get(home.entries()[0].id)
    assert table.mean("quality")["a"] == pytest.approx(0.5)


def test_a_scale_and_words_for_nothing_can_be_given_by_hand(gone: list[str]) -> None:
    """Where the file leaves no question open, the scale and words for "not recorded" can still be set with the columns."""
    scores: list[object] = [i % 2 for i in range(60)]
    scores[3] = "void"
    app = _add(_opened(), ("words.csv", _table(60, a_score=scores, b_score=[1] * 60)))
    assert "'void' is not a score." in html.unescape(_texts(app))
    next(text for text in app.text_input if text.label == "Also means not recorded").set_value("void").run()
    next(box for box in app.selectbox if box.label == "Scores go from").set_value("-1 to 1").run()
    _press(app, "Save and open")
    table = home.get(home.entries()[0].id)
    assert table.coverage()["a"] == pytest.approx(59 / 60)
    assert table.mean("quality")["b"] == 1.0
    assert float(table.quality("a")[0]) == 0.5


def test_findings_are_decided_and_written_down(gone: list[str]) -> None:
    """A finding shows its rows on request, and the choice is carried out and kept in the history."""
    app = _add(_opened(), ("two.csv", _two_models().replace(b"question 3,", b"question 2,")))
    choice = next(control for control in app.segmented_control if control.label == "What to do with it")
    assert choice.value is None
    next(box for box in app.toggle if box.label.startswith("Show its")).set_value(True).run()
    assert "question 2" in _texts(app)
    choice.set_value("exclude").run()
    _press(app, "Save and open")
    table = home.get(home.entries()[0].id)
    assert len(table) < 60
    assert [line.values["choice"] for line in table.history if line.action == "audit"] == ["exclude"]


def test_rename_and_delete_of_own_sets(gone: list[str]) -> None:
    """An own set gets another name on its card, and is gone after the confirmed deletion."""
    app = _add(_opened(), ("two.csv", _two_models()))
    _press(app, "Save and open")
    key = home.entries()[0].id
    app.run()
    app.text_input(key=f"name.{key}").set_value("Renamed set").run()
    _press(app, "Rename set")
    assert home.entries()[0].title == "Renamed set"
    assert "Renamed set" in _texts(app)
    _press(app, "Delete set")
    assert not home.entries()
    assert "Renamed set" not in _texts(app)


def test_a_link_waits_for_its_file_and_opens_as_it_was(gone: list[str]) -> None:
    """A link to a set that is not here names the file; after the upload its strategies and settings stand as they were."""
    content = _two_models()
    key = finish(inspect([Upload("two.csv", content)])).fingerprint
    slots = (Slot(letter="c", strategy="random-mix", knobs={"share": 0.25}),)
    app = _opened(View(data=key, file="two.csv", slots=slots, selected="c"))
    assert "two.csv" in app.info[0].value
    _add(app, ("two.csv", content))
    _press(app, "Save and open")
    assert home.entries()[0].id == key
    assert app.session_state["view"].slots == slots


def test_pasted_questions_go_to_the_models_page(gone: list[str]) -> None:
    """Pasted lines become a query set for the live run; an empty text is refused in words."""
    app = _opened()
    _press(app, "Ask models these questions")
    assert "there is no question in the text." in _texts(app)
    app.text_area(key="paste").set_value("What is 2 + 2?\t4\nName a colour.").run()
    _press(app, "Ask models these questions")
    assert gone == ["models"]
    assert app.session_state["live.pasted"].references.to_list() == ["4", None]


def test_columns_can_be_given_other_roles() -> None:
    """Roles set by a person replace the guess, for a column per model and for a row per model."""
    wide = inspect([Upload("odd.csv", b"nr,was,A,B\n1,x,0.5,1\n2,y,0.25,1\n")])
    rows = [
        {"column": "nr", "role": "query_id", "model": None},
        {"column": "was", "role": "prompt", "model": None},
        {"column": "A", "role": "quality", "model": "first"},
        {"column": "B", "role": "quality", "model": float("nan")},
    ]
    changed = mapping_step.corrected(wide.mapping, wide, rows)
    assert finish(wide, changed).mean("quality") == {"first": 0.375, "B": 1.0}
    long = inspect([Upload("long.csv", b"nr,who,points\n1,a,0\n1,b,1\n2,a,1\n2,b,1\n")])
    roles = {"nr": "query_id", "who": "model", "points": "quality"}
    turned = mapping_step.corrected(long.mapping, long, [{"column": c, "role": r, "model": None} for c, r in roles.items()])
    assert finish(long, turned).mean("quality") == {"a": 0.5, "b": 1.0}


def test_untouched_columns_leave_the_mapping_as_it_was() -> None:
    """The editor's own values lead to the very same mapping object."""
    reading = inspect([Upload("two.csv", _two_models())])
    rows = [{"column": c.name, "role": c.role or None, "model": c.model or None} for c in reading.columns]
    assert mapping_step.corrected(reading.mapping, reading, rows) is reading.mapping


def test_a_price_that_nobody_knows_stays_unknown() -> None:
    """Without a list price and without a typed one there is no card; a typed price wins and is assumed."""
    table = finish(inspect([Upload("two.csv", _two_models())]))
    small = pricing.offered(table)[0]
    assert pricing.card_of(small) is None
    card = pricing.card_of(small, per_1k=2.0)
    assert card is not None
    assert (card.price_usd_per_query, card.tier) == (0.002, "assumed")


def test_several_files_get_the_name_they_share(gone: list[str], shared_data: Path) -> None:
    """The name offered for many files is what their names have in common."""
    paths = sorted((shared_data / "routellm_mmlu" / "responses").glob("mmlu_a*.csv"))
    app = _add(_opened(), *((path.name, path.read_bytes()) for path in paths))
    assert next(text.value for text in app.text_input if text.label == "Name of the set") == "mmlu_a"


def test_a_set_too_small_to_compare_is_saved_and_stays_in_sight(gone: list[str]) -> None:
    """Fifteen queries can be kept; the button promises no comparison, and the page stays with the data card."""
    app = _add(_opened(), ("few.csv", _two_models(15)))
    assert "Save and open" not in _labels(app)
    _press(app, "Save")
    assert gone == []
    assert "15 queries" in _texts(app)
