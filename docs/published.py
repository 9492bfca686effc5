"""Write docs/published.md: published headlines against ours. `python -m docs.published`, where the recorded outcomes lie.

Ours are computed from the data in this moment. Without the folder nothing is written: figures are never carried over.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from strategies.published.base import Outcome, Source
from strategies.published.declared import FOLDER_VARIABLE, by_source, copy_of, data_folder, outcomes
from strategies.published.told import difference, figure

PAGE = Path(__file__).resolve().parent / "published.md"
HEAD = """# Published against ours

Written by `python -m docs.published`. One row a published headline: what its source gives, what our formulas give on the same data, the
difference, and whether they agree within the digits that were given. *Printed*: by the authors. *Counted*: by somebody else from the
authors' files. Figures of others are facts with their source; ours are computed when the page is written, from data that is not passed
on here. *Bring your copy*: the data is not kept; on the page *Published* a set of yours that looks like it is recomputed. *Not
recomputed*: no formula of ours gives it from an outcome table.

"""
VERDICTS = {"agrees": "agrees", "differs": "differs", "bring": "bring your copy", "stated": "not recomputed"}


def section(source: Source, found: Sequence[Outcome]) -> str:
    """Return one source's part: where it is from, and its table."""
    licence = f" Licence of the data: {source.licence}." if source.licence else ""
    lines = [f"## {source.title}", "", f"{source.cite}. <{source.url}>.{licence}", ""]
    lines += ["| Figure | Unit | Published | Ours | Difference | Verdict |", "| --- | --- | ---: | ---: | ---: | --- |"]
    return "\n".join([*lines, *(row(each) for each in found), ""])


def row(outcome: Outcome) -> str:
    """Return one headline as a line of the table."""
    headline = outcome.headline
    published = figure(headline.published, headline) + (", counted" if headline.tag == "counted" else "")
    why = f": {outcome.why}" if outcome.why and outcome.verdict != "agrees" else ""
    cells = [headline.what, headline.unit, published, figure(outcome.ours, headline), difference(outcome), VERDICTS[outcome.verdict] + why]
    return f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |"


def recomputed(root: Path) -> Mapping[Source, Sequence[Outcome]]:
    """Return every headline beside ours, computed from the data below a folder."""
    return {source: outcomes(source, copy_of(source, root=root)) for source in by_source()}


def page(found: Mapping[Source, Sequence[Outcome]]) -> str:
    """Return the whole page."""
    every = [each for some in found.values() for each in some]
    known = [each for each in every if each.verdict in {"agrees", "differs"}]
    said = (
        f"{len(known)} of {len(every)} headlines are recomputed here: {sum(each.verdict == 'agrees' for each in known)} agree, "
        f"{sum(each.verdict == 'differs' for each in known)} differ, each with the reason beside it.\n\n"
    )
    return HEAD + said + "\n".join(section(source, some) for source, some in found.items())


if __name__ == "__main__":
    place = data_folder()
    if place is None:
        sys.exit(f"The recorded outcomes are not here: name their folder in {FOLDER_VARIABLE}. Nothing was written.")
    PAGE.write_text(page(recomputed(place)), encoding="utf-8")
