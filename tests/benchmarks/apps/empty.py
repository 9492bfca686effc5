"""The reference page: one slider and one chart, nothing else."""

import streamlit as st

st.set_page_config(layout="wide")
share = st.slider("share", 0.0, 1.0, 0.5, 0.01, key="share")
xs = [i / 50 for i in range(51)]
chart = {
    "data": [{"x": xs, "y": [x**share for x in xs], "mode": "lines"}, {"x": [share], "y": [share**share], "mode": "markers"}],
    "layout": {"height": 400, "showlegend": False},
}
st.plotly_chart(chart, key="chart")
st.markdown(f"share **{share:.2f}**")
