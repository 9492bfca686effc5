"""One source of published figures: where they are from, its table, why some differ, how a copy is brought."""

from __future__ import annotations

import streamlit as st

from dashboard.charts.figures import plain
from dashboard.charts.table import Cell
from dashboard.charts.table import table as html_table
from dashboard.published import VERDICTS, Compared
from dashboard.words import published as words
from data.problems import listed
from strategies.published.base import Outcome, Source
from strategies.published.told import difference, figure

# On a phone the table scrolls sideways; else its first column would be a word wide.
_STYLE = "<style>.rs-published td:first-child { min-width: 10.5rem; } .rs-published td:last-child { white-space: nowrap; }</style>"


def section(found: Compared, chosen: tuple[str, ...]) -> bool:
    """Draw a source's headlines that have one of the chosen verdicts; return whether its way to the Data page was pressed."""
    rows = [each for each in found.outcomes if not chosen or each.verdict in chosen]
    with st.expander(label(found), expanded=False):
        address = found.source.url  # declared in this project: a link is safe
        st.caption(f"{plain(about(found))} [{address.removeprefix('https://')}]({address})")
        drawn = html_table(words.HEAD, [_row(each) for each in rows], right=(1, 2, 3), label=words.LABEL.format(title=found.source.title))
        st.html(f'{_STYLE}<div class="rs-published">{drawn}</div>')
        for line in reasons(rows):
            st.caption(plain(line))
        if not found.count("bring") or not _known(found.source):
            return False
        with st.container(horizontal=True, vertical_alignment="center"):
            st.caption(plain(words.BRING.format(how=how(found.source))))
            return st.button(words.TO_DATA, key=f"published.{found.source.id}", icon=":material/upload_file:")


def label(found: Compared) -> str:
    """Return a source's line: its title and how its headlines came out."""
    said = [words.COUNTS[name].format(n=found.count(name)) for name in VERDICTS if found.count(name)]
    return plain(f"**{found.source.title}** · {', '.join(said)}")


def about(found: Compared) -> str:
    """Return where the figures are from, and where ours."""
    parts = [f"{found.source.cite}."]
    if found.mine:
        parts.append(words.FROM_MINE.format(name=found.mine))
    elif found.folder:
        parts.append(words.FROM_FOLDER)
    elif all(each.headline.free for each in found.outcomes):
        parts.append(words.FROM_NOTHING)
    if found.source.licence:
        parts.append(words.LICENCE.format(licence=found.source.licence))
    return " ".join(parts)


def reasons(rows: list[Outcome]) -> list[str]:
    """Return why figures differ or are missing, each reason once with the figures it is of."""
    grouped: dict[tuple[str, str], list[str]] = {}
    for each in rows:
        if each.why and each.verdict != "agrees":
            grouped.setdefault((words.FILTERS[each.verdict], each.why), []).append(each.headline.what)
    return [
        words.WHY.format(
            verdict=verdict, why=why, what=what[0] if len(what) == 1 else words.AND_MORE.format(first=what[0], n=len(what) - 1)
        )
        for (verdict, why), what in grouped.items()
    ]


def how(source: Source) -> str:
    """Return by what a copy of the data is recognised."""
    count = " or ".join(f"{size:,}" for size in source.queries)
    if source.named:
        return (words.HOW_NAME if count else words.HOW_NAME_ONLY).format(named=source.named, n=count)
    return words.HOW_MODELS.format(models=listed(sorted(source.models), 3), n=count)


def _known(source: Source) -> bool:
    return bool(source.models or source.named)


def _row(each: Outcome) -> list[str | Cell]:
    headline = each.headline
    unit = f" ({headline.unit})" if headline.unit else ""
    origin = words.COUNTED if headline.tag == "counted" else words.PRINTED
    verdict = words.VERDICTS[each.verdict]
    what = f"{headline.what[:1].upper()}{headline.what[1:]}{unit}"
    published, why = Cell(figure(headline.published, headline), origin), each.why if each.verdict != "agrees" else ""
    return [what, published, figure(each.ours, headline), difference(each), Cell(verdict, why)]
