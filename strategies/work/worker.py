"""A worker process: it opens once what all pieces read, then does one piece after the other."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from data.problems import refuse
from strategies.work.parcel import mapped, packed, unpacked
from strategies.work.pipes import Piece, Ready, Told, Unready, child, send
from strategies.work.pool import Broke, Failure, Task, performed


def main() -> None:
    """Serve until standard input ends: a task may follow another."""
    heard, answers = child()
    task, context = Task(print, ()), None
    while True:
        message: Told | Piece = heard.get()
        if isinstance(message, Piece):
            send(answers, packed_result(task, context, message))
            continue
        try:
            task, context = opening(message.task, mapped(Path(message.shared)))
        except Exception as error:  # noqa: BLE001 - whatever it is, it is told, and nothing can be done without
            send(answers, packed(Unready(Failure.of(error))))
            return
        send(answers, packed(Ready(room=1)))


def opening(task: bytes, shared: Any) -> tuple[Task, Any]:
    """Return the task and what its function gets first. Raises ProblemError if a module of it is not there."""
    try:
        function, opened = unpacked(task)
        value = unpacked(shared)
    except (ModuleNotFoundError, AttributeError) as error:
        raise refuse(
            f"a worker lacks what the work needs ({error}).",
            "Install the same RouteScope on every computer, and put the folder of your own strategies at the same place.",
        ) from error
    return Task(function, (), opened=opened), value if opened is None else opened(value)


def packed_result(task: Task, context: Any, piece: Piece) -> bytes:
    """Return what came of a piece as a parcel; one that cannot be opened, and a result that cannot travel, are said."""
    try:
        value = unpacked(piece.data)
    except Exception as error:  # noqa: BLE001 - of any library, in any way
        return packed(Broke(piece.at, Failure.of(error)))
    came = performed(task, context, piece.at, value)
    try:
        return packed(came)
    except Exception as error:  # noqa: BLE001 - as above
        said = f"the result of a piece cannot be sent between processes ({type(error).__name__}: {error})."
        return packed(Broke(piece.at, Failure.of(refuse(said, "Return plain arrays, numbers and dataclasses."))))


if __name__ == "__main__":
    main()
