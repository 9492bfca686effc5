"""Arms that nobody ran, worked out from those that were: declared on the table, and marked simulated. One file a way.

    python -m data.derived hybrid puzzles r1 r4               # r1 writes, r4 supplies the tokens that r1 finds unlikely
    python -m data.derived pruned puzzles r4 0.3              # r4 with 30 % of its work pruned away
    python -m data.derived adapted puzzles r4 0.5             # r4 on prompts half as long
    python -m data.derived cached puzzles r4 --similarity 0.95  # r4 behind a completion cache
    python -m data.derived taught puzzles r2 r4 --lift 0.3    # r2 with the most like solved puzzle in its prompt

keeps the set with these arms among the app's own sets.
"""

from __future__ import annotations

from data.derived.adapted import adapted
from data.derived.base import Derived, with_arms
from data.derived.cached import FROM, cached
from data.derived.hybrid import BELOW, LEVELS, SHARE, cloud_shares, hybrid, recorded_shares
from data.derived.pruned import pruned
from data.derived.taught import SHOWN, taught

__all__ = [
    "BELOW", "FROM", "LEVELS", "SHARE", "SHOWN", "Derived", "adapted", "cached", "cloud_shares", "hybrid", "pruned", "recorded_shares",
    "taught", "with_arms",
]  # fmt: skip
