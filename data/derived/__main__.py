"""`python -m data.derived`: keeps a set with worked-out arms among the app's own."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from data import derived
from data.derived import adapted, cached, hybrid, pruned, recorded_shares, taught


def main(arguments: Sequence[str] | None = None) -> str:
    """Keep a bundled set with derived arms among the app's own sets, and return its id."""
    from data.load import load
    from data.stores import home

    parser = argparse.ArgumentParser(prog="python -m data.derived", description=(derived.__doc__ or "").partition("\n")[0])
    kinds = parser.add_subparsers(dest="kind", required=True)
    mix, cut = kinds.add_parser("hybrid", help="two models, token by token"), kinds.add_parser("pruned", help="a model on a pruned input")
    shorter = kinds.add_parser("adapted", help="a model on shorter prompts")
    served = kinds.add_parser("cached", help="a model behind a completion cache")
    shown = kinds.add_parser("taught", help="a weak model that is shown solved queries")
    pairs, single = (mix, shown), (cut, shorter, served)
    for command, models in ((each, ("small", "strong") if each in pairs else ("model",)) for each in (*pairs, *single)):
        for what in ("set", *models):
            command.add_argument(what)
    mix.add_argument("--overhead", type=float, default=1.0, help="what a supplied token costs, in tokens of the strong model")
    mix.add_argument("--bend", type=float, default=0.5, help="quality moves by share^bend; 1 is a straight line")
    cut.add_argument("ratio", type=float, help="share of cost and latency that falls away")
    shorter.add_argument("share", type=float, help="share of the prompt tokens that falls away")
    for command in (cut, shorter):
        command.add_argument("--penalty", type=float, default=0.0, help="share of quality that is lost")
    served.add_argument("--similarity", type=float, default=1.0, help="least cosine at which an answer is served again; 1: the same prompt")
    shown.add_argument("--similarity", type=float, default=0.8, help="least cosine at which a solved query is shown")
    shown.add_argument("--lift", type=float, default=0.3, help="share of what lacks in quality that a demonstration gives")
    shown.add_argument("--longer", type=float, default=0.0, help="share by which the longer prompt makes the call dearer")
    chosen = parser.parse_args(arguments)
    table = load(chosen.set)
    if chosen.kind == "pruned":
        made = pruned(table, chosen.model, chosen.ratio, chosen.penalty)
    elif chosen.kind == "adapted":
        made = adapted(table, chosen.model, chosen.share, chosen.penalty)
    elif chosen.kind == "cached":
        made = cached(table, chosen.model, chosen.similarity)
    elif chosen.kind == "taught":
        made = taught(table, chosen.small, chosen.strong, similarity=chosen.similarity, lift=chosen.lift, longer=chosen.longer)
    else:
        shares = recorded_shares(chosen.set, table, chosen.small)
        pair = table.select([chosen.small, chosen.strong])
        made = hybrid(pair, chosen.small, chosen.strong, shares, overhead=chosen.overhead, bend=chosen.bend)
    entry = home.add(made)
    print(f"{entry.title}: {entry.queries:,} queries, {entry.models} arms, kept as {entry.id}")
    return entry.id


if __name__ == "__main__":
    sys.exit(0 if main() else 1)
