"""Training: the recipe is fixed, a run goes on where it stopped, and R1 begins to learn within a minute."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from data.ladder.measure import answered, puzzles  # noqa: E402 - torch first, it may be missing
from data.ladder.model import read  # noqa: E402
from data.ladder.rungs import BATCH, RUNGS, SPECIALISTS, rung  # noqa: E402
from data.ladder.train import main, ship, train  # noqa: E402
from data.problems import ProblemError  # noqa: E402

TINY = replace(RUNGS[0], name="tiny", width=16, heads=2, items=6_400, categories=("add",))


def test_a_run_goes_on_where_it_stopped(tmp_path):
    """Ten steps and ten more from the checkpoint are the twenty of one run, to the bit."""
    whole = train(TINY, steps=20, compiled=False)
    train(TINY, tmp_path, steps=10, compiled=False)
    resumed = train(TINY, tmp_path, steps=20, compiled=False)
    for name, value in whole.state_dict().items():
        assert torch.equal(value, resumed.state_dict()[name]), name


def test_the_rate_rises_then_falls_to_nothing():
    """100 steps up, then along the line with its corners, zero at the end, never above one; down all the way where no corner is higher."""
    for made in (*RUNGS, *SPECIALISTS):
        rates = np.array([made.rate(step) for step in range(made.steps + 1)])
        assert rates.max() <= 1
        assert rates[-1] == 0
        corners = [1.0, *(share for _, share in made.bends), 0.0]
        assert (np.diff(rates[100:]) < 0).all() == all(later < earlier for earlier, later in pairwise(corners))
        for step, share in made.bends:
            assert made.rate(step) == pytest.approx(share)


@pytest.mark.no_cover  # long loops of code that other tests cover: counting lines would double their time
@pytest.mark.timeout(900)
def test_a_short_training_of_the_first_rung_learns(tmp_path):
    """R1 falls below half of its first loss, and what it ships answers some comparisons that it has never seen; before, none."""
    told = []
    made = replace(rung("r1"), items=300 * BATCH, categories=("compare",))
    asked = [puzzle for puzzle in puzzles(4000, seed=5) if puzzle.category == "compare" and puzzle.level <= 2]
    assert len(asked) > 80
    before = read(ship(made, train(made, steps=1, compiled=False), tmp_path / "before"))
    assert answered(before, asked).right.mean() == 0
    net = train(made, tmp_path, tell=told.append, compiled=False)
    assert told[-1].step == made.steps
    assert told[-1].loss < told[0].loss / 2
    model = read(ship(made, net, tmp_path / "after"))
    assert answered(model, asked).right.mean() > 0.15


def test_the_command_trains_ships_and_tells(tmp_path, capsys):
    """`python -m data.ladder.train r1 --steps 4` writes weights that can be read, and says where."""
    main(["r1", "--steps", "4", "--work", str(tmp_path / "work"), "--out", str(tmp_path / "out"), "--eager"])
    said = capsys.readouterr().out
    assert "step 4 of" in said
    assert read(tmp_path / "out" / "r1.safetensors").config.name == "r1"
    with pytest.raises(ProblemError, match=r"no model 'r7' in the ladder.*r1"):
        main(["r7"])


def test_weights_of_another_vocabulary_are_refused(tmp_path):
    """A file that was trained with other words says so instead of answering nonsense."""
    import json

    from safetensors import safe_open
    from safetensors.torch import load_file, save_file

    path = ship(TINY, train(TINY, steps=1, compiled=False), tmp_path)
    with safe_open(path, framework="pt") as file:
        config = json.loads(file.metadata()["config"])
    save_file(load_file(path), path, metadata={"config": json.dumps({**config, "vocabulary": "other"})})
    with pytest.raises(ProblemError, match="another vocabulary"):
        read(path)
