"""Ordinary charts as plain values: SVG texts and Plotly dicts, no figure objects."""
