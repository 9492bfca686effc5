"""Curves: exact cuts, lambda breakpoints, grids, hulls."""
