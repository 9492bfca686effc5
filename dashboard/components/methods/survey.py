"""The survey's table as a heat map: a sign and a shade a cell, and behind each method our strategies of the same paper."""

from __future__ import annotations

import html
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence

from dashboard.components.methods.card import anchor, linked
from dashboard.components.methods.facets import Method, papers
from dashboard.words import methods as words
from dashboard.words import survey
from dashboard.words.survey import Row

_SHADES = {"+": "full", "~": "part", "-": "none", "?": "unknown"}


def finding() -> str:
    """Return what the table shows, in a sentence."""
    known: dict[str, int] = {name: sum(row.cells[i] == "+" for row in survey.ROWS) for i, name in enumerate(survey.CONSTRAINTS)}
    most, least = max(known.values()), min(known.values())
    cells = Counter("".join(row.cells for row in survey.ROWS))
    return words.SURVEY_SAID.format(
        n=len(survey.ROWS), most_n=most, most=_with(known, most), least_n=least or words.NOBODY, least=_with(known, least),
        unknown=cells["?"], cells=sum(cells.values()),
    )  # fmt: skip


def _with(known: Mapping[str, int], count: int) -> str:
    return words.AND.join(words.CONSTRAINTS[name] for name, methods in known.items() if methods == count)


def of_paper(row: Row, methods: Sequence[Method]) -> list[Method]:
    """Return our strategies of a row's paper: those whose source names it first; yardsticks that quote it are not."""
    return [m for m in methods if m.kind.card.family != "baseline" and row.arxiv and papers(m.kind.card.source)[:1] == (row.arxiv,)]


def table(methods: Sequence[Method], shown: Collection[str]) -> str:
    """Return the table as HTML. methods : all that are registered; shown : ids whose card the filters leave on the page."""
    head = "".join(f'<th scope="col"><span>{_e(words.CONSTRAINTS[name])}</span></th>' for name in survey.CONSTRAINTS)
    body = "".join(_group(group, methods, shown) for group in words.SURVEY_GROUPS)
    return (
        f'<div class="survey"><table><caption class="unseen">{_e(words.SURVEY)}</caption><thead><tr>'
        f'<th scope="col">{_e(words.SURVEY_ROW)}</th>{head}<th scope="col" class="ours">{_e(words.SURVEY_OURS)}</th></tr></thead>'
        f'{body}</table><p class="key">{"".join(_key())}</p></div>'
    )


def _group(group: str, methods: Sequence[Method], shown: Collection[str]) -> str:
    rows = "".join(_row(row, of_paper(row, methods), shown) for row in survey.ROWS if row.group == group)
    wide = len(survey.CONSTRAINTS) + 2
    return f'<tbody><tr><th colspan="{wide}" scope="rowgroup" class="group">{_e(words.SURVEY_GROUPS[group])}</th></tr>{rows}</tbody>'


def _row(row: Row, ours: Sequence[Method], shown: Collection[str]) -> str:
    cells = "".join(f"<td>{_cell(sign)}</td>" for sign in row.cells)
    here = ", ".join(_link(method, shown) for method in ours) or f'<span class="absent">{_e(words.SURVEY_ABSENT)}</span>'
    return f'<tr><th scope="row">{_e(row.name)}</th>{cells}<td class="ours">{here}</td></tr>'


def _link(method: Method, shown: Collection[str]) -> str:
    title = _e(method.kind.card.title)
    if method.id in shown:
        return f'<a href="#{_e(anchor(method.id))}">{title}</a>'
    return f'{title} <span class="absent">({_e(words.SURVEY_HIDDEN)})</span>'


def _cell(sign: str) -> str:
    mark, meaning = words.CELLS[sign]
    inner = f'<i aria-hidden="true">{mark}</i><b class="unseen">{_e(meaning)}</b>'
    return f'<span class="cell {_SHADES[sign]}" title="{_e(meaning)}">{inner}</span>'


def _key() -> Iterator[str]:
    for sign, (mark, meaning) in words.CELLS.items():
        yield f'<span><span class="cell {_SHADES[sign]}" aria-hidden="true"><i>{mark}</i></span> {_e(meaning)}</span>'


def source() -> str:
    """Return where the table comes from, as HTML."""
    said = words.SURVEY_SOURCE.format(arxiv=survey.ARXIV, tables=survey.TABLES)
    return f'<p class="survey source">{linked(said)}</p>'


def _e(text: object) -> str:
    return html.escape(str(text), quote=True)
