"""From a long Parquet file to a memory-mapped folder, without ever holding its numbers: for files that are larger than memory."""

from __future__ import annotations

from pathlib import Path

from data.outcomes import OutcomeTable
from data.problems import refuse
from data.readers.streamed import streamed
from data.stores.columns import open_table, room, write_into, writing


def convert(source: Path | str, folder: Path | str, *, name: str = "") -> OutcomeTable:
    """Write the table of a long Parquet file into a folder and return it as `open_table` does: mapped, read where somebody looks.

    In memory are only the codes of its rows (6 bytes each), the ids, and some rows at a time; means, curves of two stages and totals of
    the returned table take one or a few columns each. Raises ProblemError for a file that can't be read in parts.
    """
    source = Path(source)
    if not source.is_file():
        raise refuse(f"there is no file {str(source)!r}.", "Give the path of a Parquet file.")
    with writing(folder) as new:
        table = streamed(source, name=name, least_rows=0, room=lambda field, shape: room(new, field, shape))
        if table is None:
            raise refuse(
                "this is no long Parquet file that can be read in parts.",
                "It needs a row a query and model, once each, with an id, a model and a score from 0 to 1; load it to see what is wrong.",
                file=source.name,
            )
        write_into(new, table, mapped=True)
    return open_table(folder)
