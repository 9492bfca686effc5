"""One question to several endpoints, answers handed over as they come."""

import time

import pytest

from data.ladder.endpoint import endpoint
from data.live.each import ask_each
from data.problems import EndpointNotFoundError
from tests.fake_ladder import FakeModel, shelf
from tests.stub_endpoint import Reply, StubEndpoint


@pytest.fixture
def fakes(monkeypatch):
    """R1 and R4 as models without weights; every other address keeps the network."""
    models = {"r1": FakeModel(delay_s=0.02), "r4": FakeModel(can_think=True, delay_s=0.02)}
    monkeypatch.setattr("data.live.call._transport", lambda e: shelf(**models) if e.in_process else None)
    return models


def test_quick_ones_do_not_wait_for_slow_ones(fakes):
    """What this process answers is there before a slow endpoint has answered; a failure stands in its place in words."""
    came = []
    with StubEndpoint(Reply(text="late", delay_s=0.5, margin=0.5)) as slow, StubEndpoint(Reply(status=404)) as gone:
        endpoints = [slow.endpoint("slow"), endpoint("r1"), gone.endpoint("gone"), endpoint("r4")]
        ask_each("say ab", endpoints, lambda name, outcome: came.append((name, outcome)))
    found = dict(came)
    assert came[-1][0] == "slow"
    assert [name for name, _ in came if name.startswith("r")] == ["r1", "r4"]
    assert (found["r1"].text, found["r4"].reasoning, found["slow"].text) == ("ab", "so it", "late")
    assert [text for text, _ in found["r1"].tokens] == [" a", "b", "<end>"]
    assert found["slow"].tokens == (("late", -0.1),)
    assert isinstance(found["gone"], EndpointNotFoundError)


def test_models_of_this_process_answer_one_after_the_other(fakes):
    """Their seconds are their own, for they never work at the same time."""
    working = []

    class Watched(FakeModel):
        def generate(self, prompts, **options):
            working.append(1)
            assert sum(working) == 1
            try:
                return super().generate(prompts, **options)
            finally:
                working.pop()

    fakes.update(r1=Watched(delay_s=0.03), r4=Watched(can_think=True, delay_s=0.03))
    came = {}
    ask_each("say a", [endpoint("r1"), endpoint("r4"), endpoint("r4", think=False)], came.__setitem__)
    assert [answer.text for answer in came.values()] == ["a", "a", "a"]


def test_what_has_to_start_first_starts_beside(fakes):
    """An endpoint whose server takes long to start doesn't hold up the others."""
    came = []

    def ready(one):
        if one.name == "slow":
            time.sleep(0.3)
        return one

    with StubEndpoint("x") as stub:
        ask_each("say a", [stub.endpoint("slow"), endpoint("r1")], lambda name, _: came.append(name), ready=ready)
    assert came == ["r1", "slow"]
