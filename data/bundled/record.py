"""Record the bundled table of everyday questions: `python -m data.bundled.record`.

Makes 2,000 questions, asks four arms, measures, scores, and writes the table with its data card. Needs the weights of SmolLM2
(see `data.live.fetch`) and about half an hour on one core; what the model has answered is kept in the work folder, so that a
broken run goes on where it stopped.
"""

from __future__ import annotations

import argparse
import datetime as dt
import os
import platform
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from data.audit import apply, audit
from data.bundled.arms import smollm2, tool
from data.bundled.arms.arm import Arm, asked, samples_of, table, voted
from data.bundled.arms.prototype import Embed, Prototypes, minilm
from data.bundled.card import write_card
from data.bundled.items import SCORERS, as_queries, make
from data.live.call import Answer
from data.live.collect import Collected
from data.live.local import USD_PER_HOUR
from data.live.report import Progress
from data.models import ModelCard
from data.outcomes import HistoryLine, Origin, OutcomeTable
from data.problems import refuse
from data.queries import QuerySet

NAME = "everyday-2k"
TOOL_USD_PER_QUERY = 1e-7
LICENCE = "Apache-2.0"
_TOLD_EVERY_S = 20.0


def cards(date: str) -> tuple[ModelCard, ...]:
    """Return the arms' cards, cheap to dear; every price is declared, none is a bill."""
    rent = f"{USD_PER_HOUR:g} USD/hour for one core of a small cloud machine is assumed, times measured seconds"
    shared: dict[str, Any] = {"tier": "assumed", "date": date, "source": "declared"}
    return (
        ModelCard(
            name="tool", title="tool", price_usd_per_query=TOOL_USD_PER_QUERY, note="a flat 0.0000001 USD a question is assumed", **shared
        ),
        ModelCard(name="prototype-minilm", title="prototype", price_usd_per_hour=USD_PER_HOUR, note=rent, **shared),
        ModelCard(name=smollm2.ZERO_SHOT, title="SmolLM2 135M", price_usd_per_hour=USD_PER_HOUR, note=rent, **shared),
        ModelCard(name=smollm2.SC5, title="SmolLM2 135M vote of 5", price_usd_per_hour=USD_PER_HOUR, note=rent, **shared),
    )


def record(
    work: Path, *, share: float = 1.0, embed: Embed | None = None, ask: Callable[..., tuple[Collected, Collected]] | None = None
) -> OutcomeTable:
    """Return the recorded table of the first `share` of the questions; answers of the model are kept in `work`.

    embed, ask : the embedding model and the language model, when they are not to be loaded here (tests).
    """
    queries = as_queries(make(share=share))
    date = dt.datetime.now(tz=dt.UTC).date().isoformat()
    tool_card, prototype_card, once_card, voted_card = cards(date)
    once, drawn = (ask or _ask)(queries, work)
    singles, fives = _rows(once, len(queries), 1), _rows(drawn, len(queries), smollm2.SAMPLES)
    embed = embed or minilm()
    arms = [
        asked(tool_card, queries, SCORERS, _tool),
        asked(prototype_card, queries, SCORERS, _prototype(embed)),
        voted(once_card, queries, SCORERS, singles),
        voted(voted_card, queries, SCORERS, fives),
    ]
    return _assembled(queries, arms, fives, _vectors(embed, queries), date)


def rising(means: Sequence[tuple[str, float]]) -> list[str]:
    """Return the arms, from (name, mean quality) cheap to dear, that are better than every cheaper one: the honest chain."""
    chain: list[str] = []
    best = -1.0
    for name, quality in means:
        if quality > best:
            chain.append(name)
            best = quality
    return chain


def main(arguments: Sequence[str] | None = None) -> None:
    """Record and write; progress goes to the terminal."""
    from data.stores.columns import save

    parser = argparse.ArgumentParser(description="Record the bundled table of everyday questions.")
    parser.add_argument("--work", type=Path, default=Path(tempfile.gettempdir()) / "routescope-record", help="where answers are kept")
    parser.add_argument("--out", type=Path, default=Path(__file__).resolve().parent / NAME, help="where the table goes")
    parser.add_argument("--share", type=float, default=1.0, help="share of the questions; 0.1 is a pilot")
    options = parser.parse_args(arguments)
    recorded = settled(record(options.work, share=options.share))
    save(recorded, options.out, features="float16")
    write_card(recorded, options.out)
    for name in recorded.models:
        figures = "  ".join(f"{field} {recorded.mean(field)[name]:.4g}" for field in ("quality", "cost_usd", "latency_s"))
        print(f"{name:20} {figures}")


def settled(table: OutcomeTable) -> OutcomeTable:
    """Return the table with the notes of its audit kept knowingly; a warning stays open, for all to see.

    Raises ProblemError for a finding that is an error: such a table isn't shipped.
    """
    for finding in audit(table):
        if finding.severity == "error":
            raise refuse(f"the recorded table has a defect: {finding.title} ({len(finding.rows):,} rows).", "Mend it, and record again.")
        if finding.severity == "info":
            table = apply(table, finding, "keep")
    return table


def _ask(queries: QuerySet, work: Path) -> tuple[Collected, Collected]:
    return smollm2.zero_shot(queries, work, _teller("once")), smollm2.sampled(queries, work, _teller("five times"))


def _teller(what: str) -> Callable[[Progress], None]:
    told = [0.0]

    def tell(progress: Progress) -> None:
        if time.monotonic() - told[0] > _TOLD_EVERY_S or progress.done == progress.total:
            told[0] = time.monotonic()
            print(f"{what}: {progress.done:,} of {progress.total:,}, {progress.eta_s:,.0f} s left, {progress.failed} failed", flush=True)

    return tell


def _rows(collected: Collected, count: int, samples: int) -> list[list[Answer]]:
    return [[collected.answers[row, 0, sample] for sample in range(samples)] for row in range(count)]


def _tool(prompt: str) -> tuple[str, dict[str, float]]:
    answer = tool.answer(prompt)
    # A tool that cannot answer is wrong at once and says so; its certainty is all or nothing.
    known = float(answer is not None)
    return answer or "", {"answered": known, "margin": known}


def _prototype(embed: Embed) -> Callable[[str], tuple[str, dict[str, float]]]:
    training = make(part="training")
    prototypes = Prototypes.fit(training, embed([item.prompt for item in training]))

    def answer(prompt: str) -> tuple[str, dict[str, float]]:
        text, gap = prototypes.answer(embed([prompt])[0])
        return text, {"answered": 1.0, "margin": gap}

    return answer


def _vectors(embed: Embed, queries: QuerySet) -> NDArray[np.float32]:
    vectors = embed(queries.prompts.filled() if queries.prompts is not None else [])
    return vectors.astype(np.float16).astype(np.float32)  # as they are stored: half precision moves a cosine by under 0.001


def _assembled(
    queries: QuerySet, arms: Sequence[Arm], fives: Sequence[Sequence[Answer]], vectors: NDArray[np.float32], date: str
) -> OutcomeTable:
    plain = table(
        queries,
        arms,
        features={"embedding": vectors},
        samples=samples_of(len(arms) - 1, queries, SCORERS, fives),
        origin=Origin(name="Everyday 2k", kind="recorded", source="data/bundled/record.py", licence=LICENCE, empty_answer_means="wrong"),
    )
    calibrate = plain.split(seed=0).calibrate
    means = [(name, calibrate.mean("quality")[name]) for name in plain.models]
    chain = rising(means)
    others = [name for name in plain.models if name not in chain]
    note = f"On the calibrate part mean quality rises with cost for {', '.join(chain)}"
    note += f"; {', '.join(others)} costs more than a better one." if others else "."
    made = {"date": date, "machine": machine(), "questions": "seed 0", "rising": chain}
    origin = Origin(
        name="Everyday 2k", kind="recorded", source="data/bundled/record.py", licence=LICENCE, note=note,
        scorer="by question: last number, first mention of a known answer, or free word (data/bundled/items/answers.py)",
        empty_answer_means="wrong",
    )  # fmt: skip
    line = HistoryLine(action="recorded", detail=f"{len(queries):,} questions asked to {len(arms)} arms on {date}", values=made)
    return replace(plain, origin=origin, history=(line,))


def machine() -> str:
    """Return what it was recorded on, in words that hold no name of the machine."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text(encoding="utf-8").splitlines() if info.is_file() else []
    cpu = next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), platform.machine())
    return f"{cpu}, {os.cpu_count()} cores shared with other work, one thread used; {platform.system()}, xllamacpp {version('xllamacpp')}"


if __name__ == "__main__":
    main()
