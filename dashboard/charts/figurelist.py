"""A group of figures as an HTML table: each with its formula and source behind its name, readable by keyboard and on a phone."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass

_STYLE = """<style>
.rs-list { width: 100%; border-collapse: collapse; font-size: 0.92rem; font-variant-numeric: tabular-nums; }
.rs-list th { text-align: left; font-weight: 600; opacity: 0.75; }
.rs-list th, .rs-list td { padding: 0.28rem 0.7rem 0.28rem 0; border-bottom: 1px solid rgba(128, 128, 128, 0.25); vertical-align: top; }
.rs-list { table-layout: fixed; } .rs-list .rs-number { text-align: right; } .rs-list .rs-gap { padding-left: 1rem; }
.rs-list td.rs-none { text-align: left; opacity: 0.75; }
.rs-list summary { cursor: pointer; } .rs-list summary small { opacity: 0.75; }
.rs-list dl { margin: 0.2rem 0 0.5rem 0.9rem; font-size: 0.86rem; width: min(40rem, 76vw); position: relative; } /* beyond its column */
.rs-list dt { opacity: 0.75; float: left; margin: 0 0.4rem 0 0; } .rs-list dd { margin: 0; padding: 0; overflow-wrap: anywhere; }
.rs-list td { overflow: visible; }
.rs-list .rs-title { width: 38%; } .rs-list .rs-value { width: 11%; } .rs-list .rs-span { width: 21%; } .rs-list .rs-better { width: 11%; }
@media (max-width: 640px) {
  .rs-list .rs-more { display: none; }
  .rs-list .rs-title { width: 46%; } .rs-list .rs-value { width: 22%; } .rs-list .rs-span { width: 32%; }
}
</style>"""
_COLUMNS = ("rs-title", "rs-value rs-number", "rs-span rs-number", "rs-better rs-more rs-gap", "rs-more")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One figure in words. value : "" where there is none, then `why` says so. details : (name, text) behind the title."""

    title: str
    of: str = ""
    value: str = ""
    span: str = ""
    better: str = ""
    unit: str = ""
    why: str = ""
    details: Sequence[tuple[str, str]] = ()


def figure_list(head: Sequence[str], rows: Sequence[Row], *, label: str) -> str:
    """Return the table as HTML; everything is escaped. head : five names, that of the title first."""
    top = "".join(f'<th scope="col" class="{name}">{html.escape(text)}</th>' for name, text in zip(_COLUMNS, head, strict=True))
    body = "".join(_row(row) for row in rows)
    named = html.escape(label, quote=True)
    return f'{_STYLE}<table class="rs-list" aria-label="{named}"><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table>'


def _row(row: Row) -> str:
    of = f" <small>{html.escape(row.of)}</small>" if row.of else ""
    details = "".join(f"<dt>{html.escape(name)}</dt><dd>{html.escape(text)}</dd>" for name, text in row.details)
    hover = html.escape("\n".join(f"{name}: {text}" for name, text in row.details), quote=True)
    title = f'<details><summary title="{hover}">{html.escape(row.title)}{of}</summary><dl>{details}</dl></details>'
    if row.value:
        cells = f'<td class="rs-number">{html.escape(row.value)}</td><td class="rs-number">{html.escape(row.span)}</td>'
    else:
        cells = f'<td class="rs-none rs-gap" colspan="2">{html.escape(row.why)}</td>'
    more = f'<td class="rs-more rs-gap">{html.escape(row.better)}</td><td class="rs-more">{html.escape(row.unit)}</td>'
    return f"<tr><td>{title}</td>{cells}{more}</tr>"
