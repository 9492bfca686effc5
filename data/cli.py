"""The command line: what a file is, what is wrong with its numbers, and an earlier history applied to its next version."""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from data.problems import Problem, ProblemError, RouteScopeError

UNREADABLE, STOPPED = 2, 130
FORMATS = ("text", "markdown", "html", "json")
_SHOWN = 100
_CODES = """\
exit codes:
  0    {ok}{found}
  2    a file can't be read, or an option makes no sense; the problems are on stderr, with file, row and column
  130  stopped by Ctrl-C
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; errors that a person can mend go to stderr, without a traceback."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # a pipe or an old console must not decide what a name may be
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    chosen = _parser().parse_args(argv)
    try:
        from data import commands  # only now: the help needs none of it

        said: commands.Said = getattr(commands, chosen.run)(chosen)
    except ProblemError as error:
        return _failed(error.problems)
    except (RouteScopeError, OSError) as error:
        return _failed([Problem(what=f"{error}", fix="")])
    except KeyboardInterrupt:
        return STOPPED
    if said.aside:
        print(said.aside.rstrip("\n"), file=sys.stderr)
    _print(said.words)
    return said.code


def _print(words: str) -> None:
    """Write to stdout; a reader that has seen enough (`| head`) is no error."""
    try:
        sys.stdout.write(words)
        sys.stdout.flush()
    except BrokenPipeError:
        with contextlib.suppress(OSError, ValueError):  # Python flushes once more at exit: into nothing
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _failed(problems: Sequence[Problem]) -> int:
    from data.audit.document import visible

    for problem in problems[:_SHOWN]:
        print(visible(str(problem)), file=sys.stderr)
    if len(problems) > _SHOWN:
        print(f"... and {len(problems) - _SHOWN:,} more.", file=sys.stderr)
    return UNREADABLE


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m data",
        description="Read outcomes of language models, say what is wrong with the numbers, and apply an earlier history to a new file.",
        epilog="Several files, a folder or a zip are one set. The names of bundled and of saved sets work like files.",
    )
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    _audit_options(
        _command(
            commands.add_parser,
            "audit",
            "say what is wrong with the numbers, and what that does to the conclusions",
            ok="no open finding at or above the severity of --fail-on",
            found="an open finding at or above it; one that a history settled does not count",
        )
    )
    read = _command(
        commands.add_parser,
        "read",
        "say what a file was understood as: the sentence, its columns, what was assumed",
        ok="it gives a table",
        found="rows have problems, or a person has to say what the columns are",
    )
    read.add_argument("--format", choices=("text", "json"), default="text", help="how to say it (default: text)")
    _replay_options(commands.add_parser)
    history = _command(commands.add_parser, "history", "print the history of a table as JSON, for `replay`", ok="printed")
    history.add_argument("-o", "--output", type=Path, metavar="PATH", help="write it there instead of to stdout")
    _convert_options(commands.add_parser)
    _fetch_options(commands.add_parser)
    formats = commands.add_parser("formats", help="list the formats that are known by their shape", description="List the known formats.")
    formats.set_defaults(run="formats")
    return parser


def _command(add: Callable[..., Any], name: str, words: str, *, ok: str, found: str = "") -> argparse.ArgumentParser:
    made = _described(add, name, words, ".", ok=ok, found=found)
    made.add_argument("files", nargs="+", metavar="FILE", help="files, a folder or a zip (together one set), or the name of a set")
    return made


def _described(add: Callable[..., Any], name: str, words: str, more: str, *, ok: str, found: str = "") -> argparse.ArgumentParser:
    """Return the parser of a command that runs the function of its name. more : what its own help says after `words`."""
    made: argparse.ArgumentParser = add(
        name,
        help=words,
        description=f"{words[0].upper()}{words[1:]}{more}",
        epilog=_CODES.format(ok=ok, found=f"\n  1    {found}" if found else ""),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    made.set_defaults(run=name)
    return made


def _audit_options(audit: argparse.ArgumentParser) -> None:
    audit.add_argument("--format", choices=FORMATS, help="how to say it (default: by the name of --output, else text)")
    audit.add_argument("-o", "--output", type=Path, metavar="PATH", help="write the report there instead of to stdout")
    audit.add_argument(
        "--fail-on", choices=("error", "warning", "info", "never"), default="error", metavar="SEVERITY",
        help="exit with 1 for an open finding of this severity or a graver one: error, warning, info or never (default: error)",
    )  # fmt: skip
    audit.add_argument(
        "--prices", action="append", default=[], metavar="PRICES",
        help="prices per million tokens: a file of them, MODEL=IN,OUT in USD, or 'list' for the offline price list; may be repeated",
    )  # fmt: skip
    audit.add_argument("--history", type=Path, metavar="JSON", help="apply this exported history first: mapping, prices, choices, names")
    audit.add_argument("--scale", type=_scale, metavar="LOW,HIGH", help="lowest and highest score of the file, such as 1,10")
    audit.add_argument(
        "--missing", action="append", default=[], metavar="WORD",
        help="a word or number of the file that means not recorded, such as -1 (write --missing=-1); may be repeated",
    )  # fmt: skip
    audit.add_argument("--scorer", default="", metavar="ID", help="how answers are compared with the reference, such as exact")
    audit.add_argument("--drop-bad-rows", action="store_true", help="leave out rows with problems instead of refusing the file")


def _replay_options(add: Callable[..., Any]) -> None:
    words = "apply an exported history to the next version of a file"
    more = ", and say what became of each line. What no longer occurs is said, and is no error."
    ok = "every line was applied, or there is nothing left to do for it"
    made = _described(add, "replay", words, more, ok=ok, found="a line could not be applied")
    made.add_argument("history", type=Path, metavar="HISTORY.json", help="what `history` or the app exported")
    made.add_argument("files", nargs="+", metavar="FILE", help="the next version: files, a folder, a zip, or the name of a set")
    made.add_argument(
        "-o", "--output", type=Path, metavar="OUT",
        help="where the table goes: a new folder keeps all of it (history, prices) and is opened like a file; "
        "OUT.csv and OUT.parquet have a row a query and model, for other programs",
    )  # fmt: skip
    made.add_argument("--drop-bad-rows", action="store_true", help="leave out rows with problems even if the history did not")


def _convert_options(add: Callable[..., Any]) -> None:
    words = "make a long Parquet file, however large, a set that is read where somebody looks"
    more = ": a row a query and model; neither the file nor the set has to fit into memory."
    made = _described(add, "convert", words, more, ok="written")
    made.add_argument("files", nargs=1, metavar="FILE.parquet", help="the long file")
    made.add_argument("-o", "--output", type=Path, metavar="FOLDER", required=True, help="a new folder; it is opened like a file")


def _fetch_options(add: Callable[..., Any]) -> None:
    words = "fetch a published benchmark and keep it as a set; without a name, list what there is"
    more = ". Licence and size are said first; what arrives is checked; a break is taken up again."
    made = _described(add, "fetch", words, more, ok="kept, or listed")
    made.add_argument("name", nargs="?", default="", metavar="NAME", help="such as routerbench")
    made.add_argument("--from", dest="source", type=Path, metavar="PATH", help="a folder (or the one file) with files downloaded by hand")
    made.add_argument("--any-size", action="store_true", help="also when the files are larger than what is said")
    made.add_argument("--any-version", action="store_true", help="also when files of --from are not the published ones")


def _scale(text: str) -> tuple[float, float]:
    from data.readers.mapping import checked_scale

    try:
        scale = checked_scale(text.split(","))
    except ProblemError as error:
        raise argparse.ArgumentTypeError(str(error)) from None
    return scale if scale is not None else (0.0, 1.0)
