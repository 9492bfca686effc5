"""The process that speaks with a Ray cluster for the program: it forwards pieces and results, and opens none of them.

A process of its own, because Ray ends a process whose cluster is gone, sets its own signal handlers, and may wait for minutes for an
address that does not answer: all that would befall the app.
"""

from __future__ import annotations

import os
import queue
import socket
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from data.problems import ProblemError, refuse
from strategies.work.node import Run, on_node
from strategies.work.parcel import mapped, packed
from strategies.work.pipes import Lost, Piece, Ready, Told, Unready, child, send
from strategies.work.pool import Broke, Failure
from strategies.work.same import versions

_LOOK_AGAIN_S = 2.0
_AHEAD = 2  # pieces a CPU: one under way, one that waits for it
_REACHED = 5.0  # seconds for a connection
_WAIT = 5.0  # seconds for a result that is there to arrive


def main() -> None:
    """Serve until standard input ends: a task may follow another."""
    heard, answers = child()
    told: Told = heard.get()
    try:
        room = _connected(told.address)
    except Exception as error:  # noqa: BLE001 - whatever Ray raises is told in words
        send(answers, packed(Unready(Failure.of(_unreachable(told.address, error)))))
        return
    send(answers, packed(replace(room, room=0)))  # in time, however long it takes to bring there what is shared
    submit = _Submit(told, heard)
    send(answers, packed(room))
    while True:
        try:
            message = heard.get(timeout=_LOOK_AGAIN_S)
        except queue.Empty:
            message = None
        if isinstance(message, Piece):
            submit(message)
        elif isinstance(message, Told):
            submit = _Submit(message, heard)
            send(answers, packed(room := _room()))
        elif message is not None:
            send(answers, _came(*message))
        elif (now := _room()) != room:
            send(answers, packed(room := now))


def _connected(address: str) -> Ready:
    host, _, port = address.rpartition(":")
    if host:  # Ray waits for long where nobody listens, and takes a second to be imported
        socket.create_connection((host.strip("[]"), int(port)), timeout=_REACHED).close()
    import ray

    ray.init(address=address, namespace="routescope", log_to_driver=False, logging_level="ERROR", configure_logging=False)
    return _room()


def _room() -> Ready:
    import ray

    cpus = int(ray.cluster_resources().get("CPU", 0))
    return Ready(room=max(_AHEAD, _AHEAD * cpus), nodes=sum(bool(node["Alive"]) for node in ray.nodes()), cpus=cpus)


class _Submit:
    """Hands pieces to the cluster; each one's end is put where the driver hears it."""

    def __init__(self, told: Told, heard: queue.Queue[Any]) -> None:
        import ray

        self._heard = heard
        # Once for all pieces, whoever runs them: a node fetches it once, and its workers map the same memory.
        self._shared = ray.put(np.frombuffer(mapped(Path(told.shared)), dtype=np.uint8))
        self._task = ray.put(told.task)
        self._told = Run(os.urandom(8), versions(), told.own)
        # No retries and no rebuilding by Ray itself: the program counts and repeats what was lost, as for its own workers.
        self._run = ray.remote(num_cpus=1, max_retries=0)(on_node)

    def __call__(self, piece: Piece) -> None:
        future = self._run.remote(self._told, self._task, self._shared, piece).future()
        future.add_done_callback(lambda ended: self._heard.put((piece.at, ended)))


def _came(at: int, ended: Any) -> bytes:
    """Return the message of a piece that came back from the cluster, or did not."""
    import ray.exceptions

    try:
        return bytes(ended.result(_WAIT))
    except ray.exceptions.RayTaskError as error:  # the piece's own errors are results: this is one before it began
        return packed(Broke(at, Failure.of(_foreign(error))))
    except Exception as error:  # noqa: BLE001 - of a worker, a node, an object that is gone
        return packed(Lost(at, f"{type(error).__name__}: {' '.join(str(error).split())[:400]}"))


def _foreign(error: Exception) -> ProblemError:
    said = " ".join(str(getattr(error, "cause", error)).split())[:400]
    return refuse(f"a node of the cluster could not begin a piece ({said}).", "Install the same RouteScope on every node: pip install .")


def _unreachable(address: str, error: Exception) -> ProblemError:
    said = " ".join(str(error).split())[:300]
    return refuse(
        f"the Ray cluster at {address!r} cannot be used ({type(error).__name__}: {said}).",
        "Start Ray on this computer as one of its nodes (ray start --address=HOST:PORT), or choose this computer.",
    )


if __name__ == "__main__":
    main()
