"""A report as plain parts, and the same parts as Markdown, as one HTML page and as text for a terminal.

Every text in a document is taken as it is: names and prompts come from files that anybody may have written. Only the renderers know
what has a meaning in their form, and make all of it inert.
"""

from __future__ import annotations

import html
import re
import textwrap
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

_MARKS = re.compile(r"([\\`*_{}\[\]|#~$!])")
_LINE_STARTS = re.compile(r"^(\d*)([-+=.)])")
_ADDRESS = re.compile(r"(?i)\b(https?|ftp|www)(:|\.)")
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
_JOINERS = "\u200c\u200d"
_WIDTH = 100
_WIDEST = 140
_CELL = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """A title. level : 1 for the document's. mark : a severity that colours it, "" = none."""

    text: str
    level: Literal[1, 2, 3] = 2
    mark: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Paragraph:
    """Some sentences; faint : said in smaller letters."""

    text: str
    faint: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Bullets:
    """A list of short sentences."""

    items: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """A table: the words of its head, rows of as many cells, and which columns stand at the right."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    right: tuple[int, ...] = ()


Block: TypeAlias = Heading | Paragraph | Bullets | Grid
Document: TypeAlias = Sequence[Block]


def markdown(document: Document) -> str:
    """Return a document as GitHub-flavoured Markdown; nothing in its texts can become markup, HTML or a link."""
    return _joined(document, _markdown_block)


def text(document: Document) -> str:
    """Return a document as text for a terminal, without any control character of its texts."""
    return _joined(document, _text_block)


def page(document: Document, title: str) -> str:
    """Return a document as one HTML page that loads nothing, runs nothing, follows the reader's light or dark, and prints."""
    body = "\n".join(_html_block(block) for block in document)
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n<meta name="color-scheme" content="light dark">\n'
        f"<title>{_html(title)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<main>\n{body}\n</main>\n</body>\n</html>\n"
    )


def visible(words: str, most: int = 0) -> str:
    """Return a text on one line with what can't be seen written out: control characters, direction marks, half characters.

    most : characters to keep at most, 0 = all. Joiners stay: emoji and some scripts are written with them.
    """
    line = " ".join(words.split())
    if most and len(line) > most:
        line = line[: most - 1] + "…"
    return "".join(f"\\u{ord(c):04x}" if c not in _JOINERS and unicodedata.category(c) in _UNSEEN else c for c in line)


def _joined(document: Document, render: Callable[[Block], str]) -> str:
    return "\n\n".join(render(block) for block in document) + "\n"


def _markdown_block(block: Block) -> str:
    if isinstance(block, Heading):
        return f"{'#' * block.level} {_markdown(block.text)}"
    if isinstance(block, Paragraph):
        return _markdown(block.text)
    if isinstance(block, Bullets):
        return "\n".join(f"- {_markdown(item)}" for item in block.items)
    line = ["---:" if i in block.right else "---" for i in range(len(block.head))]
    rows = [[_markdown(cell) for cell in row] for row in (block.head, *block.rows)]
    return "\n".join("| " + " | ".join(row) + " |" for row in (rows[0], line, *rows[1:]))


def _markdown(words: str) -> str:
    plain = _MARKS.sub(r"\\\1", visible(words)).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    plain = _ADDRESS.sub(lambda found: found.group(1) + ("&#58;" if found.group(2) == ":" else "&#46;"), plain)
    return _LINE_STARTS.sub(r"\1\\\2", plain.replace("@", "&#64;"))  # a list, a rule, an underlined title


def _html_block(block: Block) -> str:
    if isinstance(block, Heading):
        mark = f' class="{html.escape(block.mark, quote=True)}"' if block.mark else ""
        return f"<h{block.level}{mark}>{_html(block.text)}</h{block.level}>"
    if isinstance(block, Paragraph):
        side = "faint" if block.faint else "plain"
        return f'<p class="{side}">{_html(block.text)}</p>'
    if isinstance(block, Bullets):
        return "<ul>" + "".join(f"<li>{_html(item)}</li>" for item in block.items) + "</ul>"
    head = _cells(block.head, block, 'th scope="col"')
    rows = "\n".join(f"<tr>{_cells(row, block, 'td')}</tr>" for row in block.rows)
    return f'<div class="wide" tabindex="0"><table>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{rows}\n</tbody></table></div>'


def _cells(row: Sequence[str], grid: Grid, tag: str) -> str:
    side = [' class="right"' if i in grid.right else "" for i in range(len(row))]
    return "".join(f"<{tag}{side[i]}>{_html(cell)}</{tag[:2]}>" for i, cell in enumerate(row))


def _html(words: str) -> str:
    return html.escape(visible(words), quote=True)


def _text_block(block: Block) -> str:
    if isinstance(block, Heading):
        said = visible(block.text)
        return said if block.level == 3 else f"{said}\n{('=' if block.level == 1 else '-') * min(len(said), _WIDTH)}"
    if isinstance(block, Paragraph):
        return _filled(visible(block.text))
    if isinstance(block, Bullets):
        return "\n".join(_item(visible(item)) for item in block.items)
    rows = [[visible(cell) for cell in row] for row in block.rows]
    widths = [max(len(row[i]) for row in (block.head, *rows)) for i in range(len(block.head))]
    if max(widths) > _CELL or sum(widths) + 2 * len(widths) > _WIDEST:
        return "\n".join(_item(": ".join(cell for cell in row if cell)) for row in rows)
    sides = [str.rjust if i in block.right else str.ljust for i in range(len(widths))]
    lines = [[side(cell, width) for side, cell, width in zip(sides, row, widths, strict=True)] for row in (block.head, *rows)]
    return "\n".join("  ".join(line).rstrip() for line in lines)


def _item(words: str) -> str:
    return _filled(words, "- ", "  ")


def _filled(words: str, first: str = "", rest: str = "") -> str:
    """Return words in lines of a terminal; a number stays with its percent sign."""
    kept = words.replace(" %", "\u00a0%")
    lines = textwrap.fill(kept, _WIDTH, initial_indent=first, subsequent_indent=rest, break_long_words=False, break_on_hyphens=False)
    return lines.replace("\u00a0%", " %")


_STYLE = """
:root { color-scheme: light dark; --ink: #1b1f24; --paper: #fff; --faint: #59626d; --line: #d5dae0; --error: #b3261e; --warning: #8a5300;
  --info: #2f5d8a; --stripe: #f5f7f9; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e9ed; --paper: #14171b; --faint: #a3adb8; --line: #39414b; --error: #ff9a90;
  --warning: #f0b45a; --info: #8fc1f2; --stripe: #1c2127; } }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 70rem; margin: 0 auto; padding: 1.5rem; }
h1 { font-size: 1.6rem; } h2 { font-size: 1.25rem; margin-top: 2rem; border-bottom: 1px solid var(--line); } h3 { font-size: 1.05rem; }
h3.error, h3.warning, h3.info { border-left: .3rem solid; padding-left: .6rem; }
.error { color: var(--error); } .warning { color: var(--warning); } .info { color: var(--info); } .faint { color: var(--faint); }
p, li, td { overflow-wrap: anywhere; } .wide { overflow-x: auto; }
table { border-collapse: collapse; font-size: .9rem; margin: .5rem 0; }
th, td { border: 1px solid var(--line); padding: .25rem .5rem; text-align: left; vertical-align: top; }
th { background: var(--stripe); } .right { text-align: right; white-space: nowrap; } td { min-width: 3rem; }
@media print { :root { --ink: #000; --paper: #fff; --faint: #444; --line: #999; --error: #900; --warning: #640; --info: #036;
  --stripe: #eee; }
  main { max-width: none; padding: 0; } .wide { overflow: visible; } h2, h3 { break-after: avoid; } tr { break-inside: avoid; } }
"""
