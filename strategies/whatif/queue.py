"""How long a call waits for its turn: the Erlang C formula for c servers, with Allen and Cunneen's factor for other service times."""

from __future__ import annotations

import math
from dataclasses import dataclass

from data.problems import refuse


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """One model's queue. utilisation : share of the servers' time that is asked for; at 1 or more it never keeps up.

    waits : probability that a call waits at all. wait_s : mean seconds in the queue over all calls, inf where it never keeps up.
    """

    utilisation: float
    waits: float
    wait_s: float

    @property
    def keeps_up(self) -> bool:
        """Whether the queue does not grow without end."""
        return self.utilisation < 1


def erlang_c(servers: int, offered: float) -> float:
    """Return the probability that a call waits in M/M/c; offered : arrival rate times mean service time, in [0, servers).

    By the recursion of Erlang B, which cannot overflow: B_k = a B_{k-1} / (k + a B_{k-1}), C = B / (1 - rho (1 - B)).
    Source: Cooper, Introduction to Queueing Theory (1981), sections 3.5 and 3.6.
    """
    blocked = 1.0
    for k in range(1, servers + 1):
        blocked = offered * blocked / (k + offered * blocked)
    return blocked / (1 - offered / servers * (1 - blocked))


def queue(per_s: float, service_s: float, spread: float, servers: int) -> Queue:
    """Return the queue of calls that come at random (Poisson) to c servers, first come first served.

    per_s : calls a second. service_s : mean seconds of a call without a queue. spread : standard deviation over mean of these seconds.
    W = C(c, a) / (c / service - per_s) x (1 + spread^2) / 2: exact for M/M/c (spread 1) and, by Pollaczek and Khinchine, for M/G/1;
    an approximation for M/G/c (Allen, Probability, Statistics, and Queueing Theory, 1990, section 5.7).
    Unknown numbers (NaN) give an unknown queue. Raises ProblemError for negative ones, or fewer servers than one.
    """
    if servers < 1 or per_s < 0 or service_s < 0 or spread < 0:
        raise refuse(f"{per_s:g} calls a second to {servers} servers of {service_s:g} s are no queue.", "Give numbers of 0 or more.")
    offered = per_s * service_s
    if math.isnan(offered + spread):
        return Queue(utilisation=math.nan, waits=math.nan, wait_s=math.nan)
    if offered >= servers:
        return Queue(utilisation=offered / servers, waits=1.0, wait_s=math.inf)
    waits = erlang_c(servers, offered) if offered else 0.0
    wait = waits * service_s / (servers - offered) * (1 + spread**2) / 2
    return Queue(utilisation=offered / servers, waits=waits, wait_s=wait)
