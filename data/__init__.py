"""Where numbers come from: queries, outcomes, prices, readers, audit. Knows neither strategies nor streamlit."""
