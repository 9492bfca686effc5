"""Published headlines: declared soundly, recomputed from the recorded outcomes, found in somebody's own copy, and the page of today."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from data.load import load
from data.outcomes import Origin
from docs.published import PAGE, page, recomputed, row
from strategies.published.arena import BOARD
from strategies.published.base import Copy, Headline, compared
from strategies.published.declared import FOLDER_VARIABLE, HEADLINES, by_source, copy_of, data_folder, outcomes
from strategies.published.elsewhere import ROUTERBENCH, ROUTERDC
from strategies.published.omnisbench import V0
from strategies.published.recorded import TOT
from strategies.published.routellm import GSM8K, MT_BENCH, STRONG, WEAK
from strategies.published.told import difference, figure
from tests.worlds import by_hand


def test_every_headline_is_declared_with_what_a_reader_needs():
    """An id of its own, a source with a citation and an address, a figure, how close ours has to come; no reason is left open."""
    assert len({each.id for each in HEADLINES}) == len(HEADLINES)
    for each in HEADLINES:
        assert each.id.startswith(f"{each.source.id}.")
        assert math.isfinite(each.published)
        assert 0 <= each.tolerance <= 0.5
        assert re.match(r"https://\S+$", each.source.url)
        assert re.search(r"arXiv \d{4}\.\d{5}|@ [0-9a-f]{7}|\d{4}-\d\d-\d\d", each.source.cite), each.source.cite
        assert each.ours is not None or each.why


def test_every_figure_is_recomputed_where_the_data_is_and_every_difference_has_its_reason(shared_data):
    """All rows whose data is kept: none is left out, and what differs says why. The page is what this gives today."""
    found = recomputed(shared_data)
    assert list(found) == list(by_source())
    for source, some in found.items():
        for each in some:
            if source.folder or each.headline.free:
                assert each.verdict in {"agrees", "differs"}, each
                assert each.verdict == "agrees" or each.why, each
            else:
                assert each.verdict in {"bring", "stated"}
    assert PAGE.read_text(encoding="utf-8") == page(found), "run `python -m docs.published`"


def test_the_page_names_every_headline():
    """Also where the data is not: nothing that is declared is missing from the page."""
    text = PAGE.read_text(encoding="utf-8")
    for each in HEADLINES:
        assert f"| {each.what} | {each.unit} | {figure(each.published, each)}" in text
        assert each.source.url in text


def test_the_board_disagrees_in_one_row_only():
    """RouterArena's scores follow from accuracy and cost, but for the row whose printed score does not."""
    found = {each.headline.id: each for each in outcomes(BOARD, None)}
    assert [name for name, each in found.items() if each.verdict == "differs"] == ["routerarena.NotDiamond"]
    assert found["routerarena.NotDiamond"].ours == pytest.approx(57.30, abs=0.005)
    assert found["routerarena.MIRT-BERT"].ours == pytest.approx(66.90, abs=0.005)


def test_a_copy_of_ones_own_is_known_by_its_models_and_size():
    """Other models, another size or a simulated set are no copy; a renamed one is."""
    quality = np.tile([[0.0, 1.0], [1.0, 1.0], [0.0, 0.0], [1.0, 0.0]], (18, 1))
    mine = by_hand(quality, models=(WEAK, STRONG))
    assert MT_BENCH.fits(mine)
    assert not MT_BENCH.fits(mine.take(np.arange(71)))
    assert not MT_BENCH.fits(mine.select([STRONG]))
    assert not MT_BENCH.fits(replace(mine, origin=Origin(name="mt-bench", kind="simulated")))
    assert not ROUTERDC.fits(mine)
    assert ROUTERDC.fits(replace(mine, origin=Origin(name="My RouterDC copy")))
    copy = copy_of(MT_BENCH, [mine])
    assert [each.ours for each in outcomes(MT_BENCH, copy)] == [5.0, 5.0, 7.5]
    assert {each.verdict for each in outcomes(MT_BENCH, copy)} == {"differs"}
    assert copy_of(MT_BENCH, []) is None


def test_contaminated_queries_are_left_out_only_where_they_are_marked(shared_data):
    """The CSV alone has all 1,319 queries, and says so in every figure; with the file beside it 1,307."""
    alone = load(shared_data / "routellm_gsm8k" / "gsm8k_responses.csv")
    found = outcomes(GSM8K, copy_of(GSM8K, [alone]))
    assert (found[0].ours, found[0].verdict) == (1319, "differs")


def test_means_over_sets_and_the_zero_router_by_hand():
    """Two sets: a .5 and 1, b 1 and 0. Best of each 1, oracle 1; one model for both .75. Zero router: the line from (1, .75) to (3, .5)."""
    table = by_hand([[0, 1], [1, 1], [1, 0], [1, 0]], models=("a", "b"), tasks=["x", "x", "y", "y"])
    copy = Copy(ROUTERDC, given=table)
    assert [each.ours for each in outcomes(ROUTERDC, copy)] == [75, 100, 100]
    board = by_hand([[1, 0], [0, 1], [0, 0]], models=("a", "b"), cost=[[1, 3], [1, 3], [1, 3]], tasks=["mmlu-a", "mmlu-b", "arc-c"])
    zero, arc, *trained = outcomes(ROUTERBENCH, Copy(ROUTERBENCH, given=board))
    assert (zero.ours, arc.ours) == (0.5, 0.0)
    assert {each.verdict for each in trained} == {"stated"}


def test_what_a_copy_does_not_hold_is_said_and_no_figure_is_made_up():
    """Samples, files or a model may be missing: the row asks for a copy, and says what is missing."""
    table = by_hand([[1, 0, 1]], models=sorted(TOT.models))
    found = {each.headline.id: each for each in outcomes(TOT, Copy(TOT, given=table))}
    assert (found["tot-game24.tree"].verdict, found["tot-game24.tree"].why) == ("bring", "this copy does not hold what it needs")
    random = next(each for each in outcomes(V0, Copy(V0, given=table)) if each.headline.id == "omnisbench-v0.random.success")
    assert (random.verdict, "files" in random.why) == ("bring", True)


def test_figures_are_shown_with_the_digits_that_were_published():
    """A tolerance of half the last digit leaves that digit; a difference has one more, and its sign."""
    one = Headline(id="x.a", source=BOARD, what="w", published=1234.5, unit="%", tolerance=0.05, free=True, ours=lambda _: 1234.449)
    found = compared(one, None)
    assert (figure(one.published, one), figure(found.ours, one), difference(found)) == ("1,234.5", "1,234.4", "\u22120.05")
    assert found.verdict == "differs"
    assert row(found).endswith("| differs |")
    same = compared(replace(one, ours=lambda _: 1234.5), None)
    assert (same.verdict, difference(same)) == ("agrees", "0.00")
    assert difference(compared(replace(one, free=False), None)) == "\u2013"


def test_the_folder_may_be_named(tmp_path, monkeypatch):
    """ROUTESCOPE_PUBLISHED says where the recorded outcomes lie; a folder that is none is no folder."""
    monkeypatch.setenv(FOLDER_VARIABLE, str(tmp_path))
    assert data_folder() == tmp_path
    monkeypatch.setenv(FOLDER_VARIABLE, str(tmp_path / "none"))
    assert data_folder() is None


def test_nothing_is_written_without_the_data(tmp_path):
    """`python -m docs.published` ends with words, and leaves the page as it is."""
    import os
    import subprocess
    import sys

    before = PAGE.read_bytes()
    done = subprocess.run(
        [sys.executable, "-m", "docs.published"], capture_output=True, text=True, check=False, cwd=Path(__file__).parents[4],
        env={**os.environ, FOLDER_VARIABLE: str(tmp_path / "none")},
    )  # fmt: skip
    assert done.returncode == 1
    assert "Nothing was written" in done.stderr
    assert PAGE.read_bytes() == before
