"""The connection test says in words what one short call showed."""

import math

from data.live import probe
from tests.stub_endpoint import Reply, StubEndpoint


def test_a_working_endpoint_shows_latency_first_tokens_and_logprobs():
    """An endpoint with log-probs and usage: ok, with its words, and at most sixteen tokens asked for."""
    with StubEndpoint(Reply(text="ready", margin=0.4)) as stub:
        report = probe.test_connection(stub.endpoint(max_tokens=500))
        assert stub.calls[0].body["max_tokens"] == 16
    assert report.ok
    assert (report.text, report.logprobs, report.usage) == ("ready", True, True)
    assert report.latency_s > 0
    assert report.cost_usd > 0
    assert "log-probs, so its confidence can be used" in report.words


def test_what_an_endpoint_does_not_tell_is_said():
    """Without log-probs and usage the words say what follows from it; a slow one is given in seconds."""
    with StubEndpoint(Reply(text="ready", usage=None, delay_s=1.05)) as stub:
        report = probe.test_connection(stub.endpoint())
    assert report.ok
    assert not report.logprobs
    assert not report.usage
    assert "predicted" in report.words
    assert "counts no tokens" in report.words
    assert " s; " in report.words


def test_a_failing_endpoint_is_reported_not_raised():
    """A failure is a report with the error's sentence after one try."""
    with StubEndpoint(Reply(status=401)) as stub:
        report = probe.test_connection(stub.endpoint())
        assert len(stub.calls) == 1
    assert not report.ok
    assert "refused the key" in report.words
    assert math.isnan(report.latency_s)
