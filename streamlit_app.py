"""RouteScope: see the trade-offs of LLM routing and cascading. Start with `streamlit run streamlit_app.py`."""

import streamlit as st

from dashboard.pages import navigation
from dashboard.theme import ICON, LOGO, style

st.set_page_config(page_title="RouteScope", page_icon=ICON, layout="wide", initial_sidebar_state="auto")
st.logo(LOGO, size="large")
st.html(style(st.context.theme.type))
navigation().run()
