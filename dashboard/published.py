"""Published headlines beside ours, from what lies on this machine: nobody's data, a folder of recordings, or one's own sets."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from dashboard import compute
from data.outcomes import OutcomeTable
from data.problems import ProblemError
from strategies.published.base import Copy, Outcome, Source
from strategies.published.declared import by_source, copy_of, data_folder, outcomes

VERDICTS = ("agrees", "differs", "bring", "stated")


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """One source's headlines beside ours. mine : the name of the own set that they were computed from, "" if none was."""

    source: Source
    outcomes: tuple[Outcome, ...]
    mine: str = ""
    folder: bool = False

    def count(self, verdict: str) -> int:
        """Return how many headlines have a verdict."""
        return sum(each.verdict == verdict for each in self.outcomes)


def found() -> tuple[Compared, ...]:
    """Return every source; computed once for what is on this machine."""
    own = [entry.key for entry in compute.gallery() if entry.own]
    known: tuple[Compared, ...] = compute.kept(f"published|{data_folder()}|{','.join(own)}", lambda: tuple(_all(own)))
    return known


def _all(own: Sequence[str]) -> Iterator[Compared]:
    tables, root = list(_tables(own)), data_folder()
    for source in by_source():
        copy = copy_of(source, tables, root)
        yield Compared(
            source=source, outcomes=outcomes(source, copy), mine=_name(copy), folder=copy is not None and copy.folder is not None
        )


def _tables(own: Sequence[str]) -> Iterator[OutcomeTable]:
    for key in own:
        try:
            yield compute.table(key)
        except (ProblemError, OSError):
            continue  # its card on the Data page says what is wrong with it


def _name(copy: Copy | None) -> str:
    return "" if copy is None or copy.given is None else copy.given.origin.name
