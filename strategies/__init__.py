"""Turns numbers into decisions and figures: strategies, engines, frontiers, metrics. Knows no streamlit, no plotly."""
