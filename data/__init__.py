"""Where numbers come from: queries, outcomes, prices, readers, audit. Knows neither strategies nor streamlit."""

from __future__ import annotations

from data.load import load

__all__ = ["load"]
