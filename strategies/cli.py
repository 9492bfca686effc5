"""The command line of strategies: a claimed figure recomputed from its data."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from data.problems import ProblemError, RouteScopeError

UNJUDGED, STOPPED = 2, 130
_CODES = """\
exit codes:
  0    equal: the figure, its interval and what it rests on are those of the claim
  1    it differs; both values, the difference and what may be the reason are said
  2    it cannot be judged: the claim or the data can't be read, or something is missing here
  130  stopped by Ctrl-C
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; errors that a person can mend go to stderr, without a traceback."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # a pipe or an old console must not decide what a name may be
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    chosen = _parser().parse_args(argv)
    try:
        return _verify(chosen)
    except ProblemError as error:
        for problem in error.problems:
            print(problem, file=sys.stderr)
    except (RouteScopeError, OSError) as error:
        print(error, file=sys.stderr)
    except KeyboardInterrupt:
        return STOPPED
    return UNJUDGED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m strategies", description="Recompute a figure that somebody claims.")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    words = "recompute a claim from its data and say whether it is equal"
    made = commands.add_parser(
        "verify", help=words, description=f"{words[0].upper()}{words[1:]}.", epilog=_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    made.add_argument("claim", type=Path, metavar="CLAIM.json", help="what a page saved with 'Claim'")
    made.add_argument(
        "files", nargs="+", metavar="FILE", help="its data: files, a folder or a zip (together one set), or the name of a set"
    )
    made.add_argument("--json", action="store_true", help="say it as JSON")
    return parser


def _verify(chosen: argparse.Namespace) -> int:
    from strategies.claims.told import as_json, as_text
    from strategies.claims.values import Claim
    from strategies.claims.verify import verify

    claim = Claim.read(chosen.claim)
    found = verify(claim, chosen.files[0] if len(chosen.files) == 1 else chosen.files)
    sys.stdout.write(as_json(claim, found) if chosen.json else as_text(claim, found))
    return found.code
