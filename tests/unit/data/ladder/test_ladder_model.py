"""The shipped models in NumPy: what torch would say, in any batch, as a stream, drawn with a seed."""

from itertools import islice
from random import Random

import numpy as np
import pytest

from data.ladder import NAMES
from data.ladder.model import load, names
from data.ladder.puzzles import CATEGORIES
from data.ladder.puzzles.base import stream
from data.ladder.rungs import rung
from data.ladder.tokens import tokenizer
from data.problems import ProblemError

ASKED = list(islice(stream(CATEGORIES, Random(21), held_out=True), 1500))
PROMPTS = [puzzle.text for puzzle in ASKED]


def test_models_are_what_is_declared():
    """Every model that ships is a declared one and has its shape; 15 MB at most together."""
    assert set(names()) == set(NAMES)
    for name in names():
        assert load(name).config.shape == rung(name).shape
    from data.ladder.model import WEIGHTS

    assert sum(path.stat().st_size for path in WEIGHTS.glob("*.safetensors")) < 15_000_000


@pytest.mark.no_cover  # long loops of code that other tests cover: counting lines would double their time
@pytest.mark.parametrize("name", NAMES)
def test_numpy_says_what_torch_says(name):
    """On 1,500 puzzles every greedy token is torch's likeliest too, and its log-prob the same within 2e-5.

    Outside its field a specialist is so sensitive that float32's rounding alone moves torch by 2.6e-5 from its own float64: 1e-4 there.
    """
    torch = pytest.importorskip("torch")
    torch.set_num_threads(1)  # two threads wait for each other on busy cores
    from safetensors.torch import load_file

    from data.ladder.model import WEIGHTS
    from data.ladder.net import Net, mask_of

    model, words = load(name), tokenizer()
    net = Net(rung(name).shape)
    net.load_state_dict({key: value.float() for key, value in load_file(WEIGHTS / f"{name}.safetensors").items()})
    index = {words.text(i): i for i in range(len(words))}
    said = model.generate(PROMPTS)
    for first in range(0, len(said), 100):
        rows = [
            (
                [*words.encode(prompt), words.think if model.config.thinks else words.direct],
                [index[step.text] for step in each.steps],
                each,
            )
            for prompt, each in zip(PROMPTS[first : first + 100], said[first : first + 100], strict=True)
        ]
        longest = max(len(p) + len(g) for p, g, _ in rows)
        tokens, places = (np.zeros((len(rows), longest), np.int64) for _ in range(2))
        for i, (prompt, made, _) in enumerate(rows):
            tokens[i, : len(prompt) + len(made)] = prompt + made
            places[i, : len(prompt) + len(made)] = words.places(prompt + made)
        sizes = torch.tensor([len(p) for p, _, _ in rows]), torch.tensor([len(p) + len(g) for p, g, _ in rows])
        with torch.no_grad():
            x, y = net(torch.from_numpy(tokens), torch.from_numpy(places), mask_of(*sizes, longest))
            logprobs = torch.log_softmax(net.tail(x.flatten(0, 1), y.flatten(0, 1)), -1).view(len(rows), longest, -1).numpy()
        for i, (prompt, made, each) in enumerate(rows):
            allowed = 2e-5 if ASKED[first + i].category in rung(name).field else 1e-4
            at = np.arange(len(prompt) - 1, len(prompt) - 1 + len(made))
            assert (logprobs[i, at].argmax(-1) == made).all()
            found = np.array([step.logprob for step in each.steps])
            assert np.abs(logprobs[i, at, made] - found).max() < allowed


@pytest.mark.no_cover  # long loops of code that other tests cover: counting lines would double their time
def test_every_batch_size_says_the_same():
    """One by one, in sevens, or all at once: the same texts, log-probs within 2e-5."""
    for name in ("r1", "r4"):
        model = load(name)
        whole = model.generate(PROMPTS[:120])
        for size in (1, 7):
            parts = [each for first in range(0, 120, size) for each in model.generate(PROMPTS[first : min(first + size, 120)])]
            assert [(p.answer, p.working) for p in parts] == [(w.answer, w.working) for w in whole]
            assert max(abs(p.logprob - w.logprob) for p, w in zip(parts, whole, strict=True)) < 1e-4


def test_a_stream_is_the_answer_piece_by_piece():
    """The pieces of a stream are the steps of the whole answer, and their texts join to it."""
    model = load("r4")
    for prompt in PROMPTS[:12]:
        whole = model.generate([prompt], top=3)[0]
        steps = list(model.stream(prompt, top=3))
        assert [step.text for step in steps] == [step.text for step in whole.steps]
        assert "".join(step.delta for step in steps if step.phase != "working").strip() == whole.answer
        assert "".join(step.delta for step in steps if step.phase == "working").strip() == whole.working
        assert all(step.top[0][1] == pytest.approx(step.logprob, abs=1e-5) for step in steps)


def test_draws_depend_on_the_seed_alone():
    """The same seed draws the same text in any batch; different seeds differ somewhere."""
    model = load("r1")
    seeds = list(range(40))
    together = model.generate([PROMPTS[0]] * 40, temperature=1.5, seeds=seeds)
    alone = [model.generate([PROMPTS[0]], temperature=1.5, seeds=[seed])[0] for seed in seeds]
    assert [t.answer for t in together] == [a.answer for a in alone]
    assert len({t.answer for t in together}) > 1


def test_draws_follow_the_probabilities():
    """At temperature 1 the first token comes up as often as its log-prob says, within four standard errors."""
    model = load("r1")
    prompt = next(p for p, each in zip(PROMPTS, model.generate(PROMPTS[:200]), strict=False) if 0.4 < np.exp(each.steps[0].logprob) < 0.7)
    best = model.generate([prompt])[0].steps[0]
    drawn = model.generate([prompt] * 1000, temperature=1.0, seeds=range(1000), max_tokens=1)
    share, p = np.mean([each.steps[0].text == best.text for each in drawn]), np.exp(best.logprob)
    assert abs(share - p) < 4 * np.sqrt(p * (1 - p) / 1000)


def test_tokens_are_counted_and_cut():
    """Every generated token is counted; at the limit the answer ends as it is, with the reason, and waiting digits shown."""
    model = load("r1")
    whole = model.generate(["What is 123456 plus 654321?"])[0]
    assert whole.finish_reason == "stop"
    assert whole.tokens_out == len(whole.answer) + 1
    cut = model.generate(["What is 123456 plus 654321?"], max_tokens=3)[0]
    assert (cut.finish_reason, cut.tokens_out) == ("length", 3)
    assert cut.answer == whole.answer[-3:]


def test_working_is_written_where_it_is_asked_for():
    """R4 writes its working or not, as asked; a model that never learnt to refuses in words."""
    puzzle = next(p for p in ASKED if p.category == "word" and p.level == 3)
    thought, direct = load("r4").generate([puzzle.text])[0], load("r4").generate([puzzle.text], think=False)[0]
    assert thought.working
    assert not direct.working
    assert thought.tokens_out > direct.tokens_out
    with pytest.raises(ProblemError, match="not learnt to write its working"):
        load("r1").generate([puzzle.text], think=True)


def test_a_foreign_question_is_answered_too():
    """Words and signs that nobody taught are no error."""
    for name in names():
        assert load(name).generate(["¿Cuánto es 日本?", ""])[0].tokens_in > 1


def test_an_unknown_model_is_named():
    """The error lists the models that are there."""
    with pytest.raises(ProblemError, match=r"no embedded model 'r9'.*r1"):
        load("r9")
