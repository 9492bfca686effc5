"""Which pool an address means: the one setting of where heavy work runs."""

from __future__ import annotations

import os
from typing import TypeAlias

from strategies.work.cluster import Cluster
from strategies.work.pool import TRIES
from strategies.work.processes import Processes

CLUSTER_VARIABLE = "ROUTESCOPE_CLUSTER"
Workers: TypeAlias = Processes | Cluster


def address_set() -> str:
    """Return the address that ROUTESCOPE_CLUSTER holds, "" where it is not set: this computer."""
    return os.environ.get(CLUSTER_VARIABLE, "").strip()


def pool_at(address: str | None = None, *, workers: int = 0, tries: int = TRIES) -> Workers:
    """Return the pool at an address: "" worker processes of this computer, "auto" or "host:port" that Ray cluster.

    address : None = what ROUTESCOPE_CLUSTER says. workers : processes of this computer, 0 = as many as suit it; a cluster has its own.
    Raises ProblemError for what is no address, and where Ray is wanted and not installed; whether it answers shows when it is used.
    """
    chosen = address_set() if address is None else address.strip()
    return Cluster(chosen, tries=tries) if chosen else Processes(workers, tries=tries)
