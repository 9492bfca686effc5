"""Which pool an address means: the one setting of where heavy work runs."""

from __future__ import annotations

import os
from typing import TypeAlias

from strategies.work.cluster import Cluster
from strategies.work.kept import chosen
from strategies.work.pool import TRIES
from strategies.work.processes import Processes, usual_workers

CLUSTER_VARIABLE = "ROUTESCOPE_CLUSTER"
Workers: TypeAlias = Processes | Cluster


def address_fixed() -> str:
    """Return the address that ROUTESCOPE_CLUSTER holds, "" where it is not set: then what a person chose decides."""
    return os.environ.get(CLUSTER_VARIABLE, "").strip()


def address_set() -> str:
    """Return where heavy work runs: what ROUTESCOPE_CLUSTER holds, else what a person chose; "" = this computer."""
    return address_fixed() or chosen().site.address


def workers_set() -> int:
    """Return how many worker processes of this computer heavy work gets: as many as a person chose, else as suit it."""
    return chosen().site.workers or usual_workers()


def pool_at(address: str | None = None, *, workers: int = 0, tries: int = TRIES) -> Workers:
    """Return the pool at an address: "" worker processes of this computer, "auto" or "host:port" that Ray cluster.

    address : None = as set (`address_set`). workers : processes of this computer, 0 = as set (`workers_set`); a cluster has its own.
    Raises ProblemError for what is no address, and where Ray is wanted and not installed; whether it answers shows when it is used.
    """
    there = address_set() if address is None else address.strip()
    return Cluster(there, tries=tries) if there else Processes(workers or workers_set(), tries=tries)
