"""Endpoints between sessions."""

import pytest

from data.live import saved
from data.live.endpoints import Endpoint, KeyRing
from data.models import ModelCard
from data.problems import ProblemError


@pytest.fixture
def home(monkeypatch, tmp_path):
    """An empty data folder."""
    monkeypatch.setenv("ROUTESCOPE_HOME", str(tmp_path))
    return tmp_path


def test_kept_endpoints_come_back_without_keys(home):
    """What was kept is there in the next session, and no key is on disk."""
    endpoint = Endpoint(
        name="a", base_url="https://api.example.com/v1", model_id="m", key_env="A_KEY", card=ModelCard(name="a", price_usd_per_query=1.0)
    )
    KeyRing().put(endpoint, "sk-secret")
    assert saved.load() == ()
    saved.keep([endpoint])
    (again,) = saved.load()
    assert again.to_json() == endpoint.to_json()
    assert "sk-secret" not in (home / "endpoints.json").read_text()
    assert [path.name for path in home.iterdir()] == ["endpoints.json"]


@pytest.mark.parametrize("text", ["{broken", "[1]", '[{"name": "a"}]', '[{"name": "a", "base_url": "x", "model_id": "m"}]'])
def test_a_broken_file_is_said(home, text):
    """A file that cannot be read names itself and the way out."""
    (home / "endpoints.json").write_text(text)
    with pytest.raises(ProblemError, match=r"endpoints.json"):
        saved.load()
