"""Numbers read the same on every page."""

from __future__ import annotations

from pathlib import Path

import pytest

from dashboard.charts import figures as charts
from dashboard.charts.figures import rounded
from dashboard.components.plane import figures
from dashboard.components.trace import amounts


@pytest.mark.parametrize(("value", "text"), [(58.25, "58.3"), (58.35, "58.4"), (0.05, "0.1"), (-58.25, "-58.3"), (100.0, "100.0")])
def test_halves_are_rounded_as_browsers_do(value: float, text: str) -> None:
    """A half goes away from zero where the number is exactly a half; else to the nearer side."""
    assert rounded(value) == text


def test_a_share_reads_the_same_on_the_plane_and_in_the_decisions() -> None:
    """466 of 800 right is 58.3 % on both pages."""
    assert amounts.percent(466 / 800) == figures.percent(466 / 800)
    assert amounts.percent(466 / 800).startswith("58.3")


def test_a_very_short_time_is_short_and_not_zero() -> None:
    """A lookup of six microseconds reads "< 1 ms" wherever a latency is shown; zero stays zero."""
    for seconds in (charts.seconds, figures.seconds, amounts.seconds):
        assert seconds(6e-6).startswith("< 1")
        assert seconds(0.0).startswith("0")
        assert seconds(0.024).startswith("24")
    script = (Path(figures.__file__).parent / "browser" / "numbers.js").read_text(encoding="utf-8")
    assert "v > 0 && v < 0.0005" in script
