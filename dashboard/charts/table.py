"""A plain HTML table: readable by screen readers, wraps on a phone, says more when hovered."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass

_STYLE = """<style>
.rs-table { width: 100%; border-collapse: collapse; font-size: 0.92rem; font-variant-numeric: tabular-nums; }
.rs-table th { text-align: left; font-weight: 600; opacity: 0.75; }
.rs-table th, .rs-table td { padding: 0.28rem 0.7rem 0.28rem 0; border-bottom: 1px solid rgba(128, 128, 128, 0.25); vertical-align: top; }
.rs-table .rs-right { text-align: right; white-space: nowrap; }
.rs-table [title] { cursor: help; }
@media (max-width: 640px) { .rs-table.rs-figures td:last-child { white-space: nowrap; } }
.rs-scroll { overflow: auto; max-height: 26rem; }
.rs-scroll:focus-visible { outline: 2px solid var(--st-primary-color, currentColor); }
</style>"""


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell: what it shows, and what it says when hovered."""

    text: str
    hover: str = ""


def table(head: Sequence[str], rows: Sequence[Sequence[str | Cell]], *, right: Sequence[int] = (), label: str = "") -> str:
    """Return the table as HTML; everything is escaped. right : positions of the columns with numbers. label : its name."""
    top = "".join(f'<th scope="col"{_side(i, right)}>{html.escape(name)}</th>' for i, name in enumerate(head))
    body = "".join("<tr>" + "".join(_cell(cell, i, right) for i, cell in enumerate(row)) + "</tr>" for row in rows)
    named = html.escape(label, quote=True)
    return (
        f'{_STYLE}<div class="rs-scroll" tabindex="0" role="region" aria-label="{named}">'
        f'<table class="rs-table{" rs-figures" if right else ""}"><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table></div>'
    )


def _cell(cell: str | Cell, at: int, right: Sequence[int]) -> str:
    value = cell if isinstance(cell, Cell) else Cell(cell)
    hover = f' title="{html.escape(value.hover, quote=True)}"' if value.hover else ""
    return f"<td{_side(at, right)}{hover}>{html.escape(value.text)}</td>"


def _side(at: int, right: Sequence[int]) -> str:
    return ' class="rs-right"' if at in right else ""
