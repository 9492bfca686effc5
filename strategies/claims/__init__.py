"""A figure as a small file that anybody can recompute: what it was measured on, with which policy, and how sure it is.

`claim(study, policy, "quality")` makes one, `verify(claim, "data.csv")` recomputes it from the file and says equal or not.
"""

from __future__ import annotations

from strategies.claims.make import claim
from strategies.claims.values import Claim, Signal
from strategies.claims.verify import Verdict, verify

__all__ = ["Claim", "Signal", "Verdict", "claim", "verify"]
