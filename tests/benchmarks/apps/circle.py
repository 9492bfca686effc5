"""The reference of a drag: one SVG with one circle that follows the pointer, coalesced to frames."""

import streamlit as st

st.set_page_config(layout="wide")
CIRCLE = st.components.v2.component(
    "reference_circle",
    html='<svg id="s" width="100%" height="420" style="touch-action:none"><circle id="c" r="9" cx="300" cy="200" fill="tomato"/></svg>',
    js="""
export default function ({ parentElement }) {
  const svg = parentElement.querySelector('#s'), dot = parentElement.querySelector('#c');
  let last = null, raf = 0, down = false;
  const frame = () => {
    raf = 0;
    const box = svg.getBoundingClientRect();
    dot.setAttribute('cx', last.clientX - box.left);
    dot.setAttribute('cy', last.clientY - box.top);
  };
  svg.onpointerdown = (e) => { down = true; svg.setPointerCapture(e.pointerId); };
  svg.onpointermove = (e) => { if (down) { last = e; raf ||= requestAnimationFrame(frame); } };
  svg.onpointerup = () => { down = false; };
}
""",
)
CIRCLE(key="circle", height=430)
