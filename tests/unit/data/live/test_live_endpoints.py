"""Endpoints and keys: what is refused, what is stored, what is never shown."""

import json
import pickle

import pytest

from data.live.endpoints import Endpoint, KeyRing, origin_of
from data.models import ModelCard
from data.problems import EndpointAuthError, ProblemError

SECRET = "sk-very-secret-123"  # noqa: S105 - a made-up one


def make(**changes):
    """Return an endpoint with these changes."""
    return Endpoint(**{"name": "gpt", "base_url": "https://api.example.com/v1/", "model_id": "gpt-x", **changes})


def test_json_brings_an_endpoint_back_without_any_key():
    """An endpoint survives JSON and the text holds no key, typed or from the environment."""
    endpoint = make(key_env="SOME_KEY", card=ModelCard(name="gpt", price_in_usd_per_mtok=1.0), extra={"stop": ["."]}, timeout_s=9.0)
    text = json.dumps(endpoint.to_json())
    again = Endpoint.from_json(json.loads(text))
    assert again.to_json() == endpoint.to_json()
    assert again.card == endpoint.card or again.card.to_json() == endpoint.card.to_json()
    assert again.base_url == "https://api.example.com/v1"
    assert hash(again) == hash(again)


@pytest.mark.parametrize(
    "changes",
    [
        {"base_url": "ftp://example.com"},
        {"base_url": "api.example.com/v1"},
        {"base_url": "file:///etc/passwd"},
        {"base_url": "https://user:pw@example.com/v1"},
        {"base_url": "https://example.com/v1?api_key=abc"},
        {"extra": {"api-key": "abc"}},
        {"extra": {"Authorization": "Bearer abc"}},
        {"name": " "},
        {"model_id": ""},
        {"max_tokens": 0},
        {"max_concurrency": 0},
        {"timeout_s": float("inf")},
    ],
)
def test_what_cannot_be_an_endpoint_is_refused_with_a_way_out(changes):
    """Bad addresses, keys in the wrong place and non-positive limits are refused before anything is sent."""
    with pytest.raises(ProblemError) as caught:
        make(**changes)
    assert caught.value.problems[0].fix


def test_unknown_fields_in_a_stored_endpoint_are_named():
    """A stored endpoint with a strange field is refused by that field's name."""
    with pytest.raises(ProblemError, match="'api_key'"):
        Endpoint.from_json({**make().to_json(), "api_key": "x"})


def test_fields_about_tokens_are_no_keys():
    """`max_completion_tokens` is a setting, not a secret."""
    assert make(extra={"max_completion_tokens": 5}).extra["max_completion_tokens"] == 5


def test_the_card_takes_the_name_of_the_endpoint():
    """Costs join by name, so the card is renamed with the endpoint."""
    assert make(card=ModelCard(name="other", price_usd_per_query=1.0)).card == ModelCard(name="gpt", price_usd_per_query=1.0) or (
        make(card=ModelCard(name="other", price_usd_per_query=1.0)).card.name == "gpt"
    )


@pytest.mark.parametrize(
    ("url", "local"), [("http://localhost:1/v1", True), ("http://127.0.0.1/v1", True), ("https://example.com/v1", False)]
)
def test_local_addresses_are_known(url, local):
    """Loopback addresses are this machine."""
    assert make(base_url=url).local is local


def test_origins_write_the_port_out():
    """Two spellings of one address have one origin."""
    assert origin_of("https://A.example.com/v1") == origin_of("https://a.example.com:443/other") == "https://a.example.com:443"


def test_a_typed_key_is_shown_and_stored_nowhere():
    """Neither repr, JSON nor pickle of endpoint and ring holds the typed key."""
    ring, endpoint = KeyRing(), make()
    ring.put(endpoint, f"  {SECRET} ")
    assert ring.key_for(endpoint) == SECRET
    assert SECRET not in repr(ring) + repr(endpoint) + json.dumps(endpoint.to_json())
    with pytest.raises(TypeError, match="memory only"):
        pickle.dumps(ring)


def test_a_typed_key_belongs_to_one_address():
    """After the address of an endpoint is changed, the key typed for the old one is not sent to the new one."""
    ring = KeyRing()
    ring.put(make(), SECRET)
    assert ring.key_for(make(base_url="https://elsewhere.example.com/v1")) == ""
    assert ring.has(make())
    assert not ring.has(make(base_url="https://elsewhere.example.com/v1"))


def test_keys_are_forgotten_when_asked(monkeypatch):
    """An empty key and `clear` forget; the environment is read at each call."""
    ring, endpoint = KeyRing(), make(key_env="RS_TEST_KEY")
    monkeypatch.delenv("RS_TEST_KEY", raising=False)
    with pytest.raises(EndpointAuthError, match="RS_TEST_KEY is not set"):
        ring.key_for(endpoint)
    monkeypatch.setenv("RS_TEST_KEY", "from-env")
    assert ring.key_for(endpoint) == "from-env"
    ring.put(endpoint, SECRET)
    assert ring.key_for(endpoint) == SECRET
    ring.put(endpoint, "")
    assert len(ring) == 0
    ring.put(endpoint, SECRET)
    ring.clear()
    assert ring.key_for(endpoint) == "from-env"
    assert ring.has(endpoint)
