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
.rs-table small { opacity: 0.75; font-size: 0.78rem; }
@media (max-width: 640px) { .rs-table.rs-figures td:last-child { white-space: nowrap; } }
.rs-scroll { overflow: auto; max-height: 26rem; }
.rs-scroll.rs-whole { max-height: none; }
.rs-scroll:focus-visible { outline: 2px solid var(--st-primary-color, currentColor); }
</style>"""


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell: what it shows, what it says when hovered, and a smaller line below (an interval)."""

    text: str
    hover: str = ""
    below: str = ""


def table(
    head: Sequence[str | Cell], rows: Sequence[Sequence[str | Cell]], *, right: Sequence[int] = (), label: str = "", whole: bool = False
) -> str:
    """Return the table as HTML; everything is escaped. right : positions of the columns with numbers. label : its name.

    whole : all rows are shown, however many.
    """
    top = "".join(_cell(name, i, right, tag='th scope="col"') for i, name in enumerate(head))
    body = "".join("<tr>" + "".join(_cell(cell, i, right) for i, cell in enumerate(row)) + "</tr>" for row in rows)
    named = html.escape(label, quote=True)
    return (
        f'{_STYLE}<div class="rs-scroll{" rs-whole" if whole else ""}" tabindex="0" role="region" aria-label="{named}">'
        f'<table class="rs-table{" rs-figures" if right else ""}"><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table></div>'
    )


def _cell(cell: str | Cell, at: int, right: Sequence[int], tag: str = "td") -> str:
    value = cell if isinstance(cell, Cell) else Cell(cell)
    hover = f' title="{html.escape(value.hover, quote=True)}"' if value.hover else ""
    below = f"<br><small>{html.escape(value.below)}</small>" if value.below else ""
    return f"<{tag}{_side(at, right)}{hover}>{html.escape(value.text)}{below}</{tag[:2]}>"


def _side(at: int, right: Sequence[int]) -> str:
    return ' class="rs-right"' if at in right else ""
