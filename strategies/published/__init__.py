"""Published headlines against ours: what others printed or counted, and what our formulas give on the same data.

Figures of others are facts with their source; ours are computed from the data whenever they are shown, never kept.
"""
