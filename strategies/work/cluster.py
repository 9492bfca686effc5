"""Pieces on a Ray cluster, and what a page says of one."""

from __future__ import annotations

import importlib.util
import re
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from data.problems import Problem, refuse
from strategies.registry import own_folder
from strategies.work.beside import Beside, name_of, sendable
from strategies.work.crew import Launch
from strategies.work.parcel import written
from strategies.work.pipes import Told
from strategies.work.pool import TRIES, Task

WAIT_S = 30.0  # for an address to answer; a cluster that is there takes one or two
_ADDRESS = re.compile(r"auto|(\[[0-9a-fA-F:]+\]|[A-Za-z0-9._-]+):\d{1,5}")


@dataclass(frozen=True, slots=True)
class Seen:
    """A cluster that answers: how many nodes are alive, and how many CPUs they have."""

    address: str
    nodes: int
    cpus: int


def is_address(text: str) -> bool:
    """Whether a text has the form of a cluster's address: "auto" or "host:port"."""
    return _ADDRESS.fullmatch(text) is not None


class Cluster(Beside):
    """The pool of a Ray cluster. A piece takes one CPU; what is shared lies once in each node's store.

    The program speaks with the cluster through a process of its own (strategies.work.driver). A piece is begun again where its worker,
    its node or that process dies; which computer has it does not matter to its result.
    """

    def __init__(self, address: str, *, tries: int = TRIES, wait_s: float = WAIT_S) -> None:
        """Take "auto" (the cluster that this computer is part of) or "host:port" of its head; wait_s : for that to answer.

        Raises ProblemError for anything else, and where Ray is not installed.
        """
        if not is_address(address):
            raise refuse(f"{address!r} is no address of a Ray cluster.", 'Give "host:port" of its head, or "auto" on one of its computers.')
        if importlib.util.find_spec("ray") is None:
            raise refuse(
                "Ray is not installed.", "Install it: pip install 'routescope[cluster]', from a checkout pip install '.[cluster]'."
            )
        super().__init__(1, tries)
        self.address, self.wait_s = address, wait_s

    def seen(self) -> Seen:
        """Return what the cluster has; ProblemError in words where it does not answer in time."""
        with tempfile.TemporaryDirectory(prefix="routescope-work-") as scratch:
            found = self._crew(Task(_nothing, ()), Path(scratch)).greeted()
        return Seen(self.address, found.nodes, found.cpus)

    def _launch(self, task: Task, folder: Path) -> Launch:
        told = Told(sendable(task), str(written(task.shared, folder / "shared", whole=True)), self.address, str(own_folder() or ""))
        return Launch(
            module="strategies.work.driver", label=name_of(task), told=told, folder=folder, wait_s=self.wait_s, late=self._late(),
        )  # fmt: skip

    def _late(self) -> Problem:
        return Problem(
            what=f"the Ray cluster at {self.address!r} did not answer within {self.wait_s:g} seconds.",
            fix="See that its head runs there and can be reached (ray status), or choose this computer.",
        )


def _nothing(shared: Any, piece: Any) -> None:
    """Do nothing: the function of a task without pieces."""
