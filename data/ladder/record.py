"""Record the bundled puzzle table: `python -m data.ladder.record`.

Asks every arm of the ladder 4,000 held-out puzzles through the same runner as any endpoint, one call at a time so that latencies
are a call's own, then the cheap arms five times at temperature 0.7. About 15 minutes on one core. SmolLM2 takes part where its
weights are (see `data.live.fetch`). What was answered is kept in the work folder, so that a broken run goes on where it stopped.
"""

from __future__ import annotations

import argparse
import datetime as dt
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from data.bundled.arms.arm import Arm, asked, samples_of, table, voted
from data.bundled.arms.prototype import Embed, minilm
from data.bundled.beside import beside
from data.bundled.record import LICENCE, machine, settled
from data.ladder import NAMES, tool
from data.ladder.endpoint import arms as ladder
from data.ladder.endpoint import endpoint
from data.ladder.model import load
from data.ladder.questions import COUNT, SEED, as_queries, questions
from data.ladder.scoring import SCORERS
from data.live import local
from data.live.budget import Budget
from data.live.call import Answer
from data.live.collect import collect
from data.live.endpoints import Endpoint
from data.live.report import Progress
from data.outcomes import HistoryLine, Origin, OutcomeTable
from data.problems import refuse
from data.queries import QuerySet
from data.samples import Samples

NAME, WITH_TOOL = "puzzles", "puzzles-with-tool"
CHEAP = ("r1", "r2", "numbers", "letters", "stories")
SAMPLES = 5
TEMPERATURE = 0.7
DIRECT = "r4-direct"
SMOLLM2 = "smollm2-135m"
EXTRA = (tool.NAME, SMOLLM2)  # in the table, but not in the view without the tool
_MOST_USD = 100.0
_SMOLLM2_TOKENS = 24


@dataclass(frozen=True, slots=True)
class Recorder:
    """Asks and remembers: what is under way is told to `tell`, what was answered is kept in `work`."""

    queries: QuerySet
    work: Path
    tell: Callable[[str, Progress], None] = lambda _name, _progress: None

    def answers(self, asked_of: Endpoint, *, samples: int = 1, concurrency: int = 1) -> list[list[Answer]]:
        """Return (n queries) lists of `samples` answers of one endpoint; raises ProblemError if one is missing."""
        name = f"{asked_of.name}-{samples}"
        found = collect(
            self.queries, [asked_of], SCORERS, Budget(_MOST_USD), concurrency=concurrency, samples=samples,
            folder=self.work / name, on_progress=lambda progress: self.tell(name, progress),
        )  # fmt: skip
        if found.report.failures:
            raise refuse(f"{asked_of.name} left {len(found.report.failures):,} puzzles unanswered.", "Run it again: it goes on from here.")
        return [[found.answers[row, 0, sample] for sample in range(samples)] for row in range(len(self.queries))]


def arms(recorder: Recorder) -> list[Arm]:
    """Return what every arm answered, cheap to dear as their cards have it."""
    made = [_with_working(voted(ask.card, recorder.queries, SCORERS, rows), rows) for ask in ladder() for rows in [recorder.answers(ask)]]
    made.append(asked(tool.card(), recorder.queries, SCORERS, _tool))
    if local.find() is not None:
        small = local.endpoint(SMOLLM2, max_tokens=_SMOLLM2_TOKENS, extra={"stop": ["\n"]})
        made.append(voted(replace(small.card, name=SMOLLM2), recorder.queries, SCORERS, recorder.answers(small)))
    return sorted(made, key=lambda arm: float(np.nanmean(arm.cost_usd)))


def record(
    work: Path, *, count: int = COUNT, embed: Embed | None = None, tell: Callable[[str, Progress], None] | None = None
) -> OutcomeTable:
    """Return the recorded table of `count` puzzles; answers are kept in `work`. embed : the embedding model (tests give a small one)."""
    queries = as_queries(questions(count))
    recorder = Recorder(queries, work, tell or (lambda _name, _progress: None))
    found = arms(recorder)
    samples = [samples_of(i, queries, SCORERS, _drawn(recorder, arm.card.name)) for i, arm in enumerate(found) if arm.card.name in CHEAP]
    vectors = (embed or minilm())(queries.prompts.filled() if queries.prompts is not None else [])
    return _assembled(queries, found, _joined(samples), vectors.astype(np.float16).astype(np.float32))


def without_tool(recorded: OutcomeTable) -> OutcomeTable:
    """Return the table of the ladder's own arms, which the app opens with."""
    return recorded.select([name for name in recorded.models if name not in EXTRA])


def tool_alone(recorded: OutcomeTable) -> OutcomeTable:
    """Return the tool's and SmolLM2's outcomes alone, to stand beside the others, settled as one table with them."""
    kept = recorded.select([name for name in recorded.models if name in EXTRA])
    origin, history = replace(recorded.origin, name="Puzzles with a tool"), settled(recorded).history
    return replace(kept, features={}, samples=None, origin=origin, history=history, stored_fingerprint="")


def token_logprobs(recorded: OutcomeTable) -> Mapping[str, NDArray[np.generic]]:
    """Return the greedy tokens of the ladder's arms as flat columns: query, model (positions), token, logprob, in order of generation.

    They are generated again, which gives the recorded texts to the letter; raises ProblemError where it does not.
    """
    prompts = recorded.queries.prompts.filled() if recorded.queries.prompts is not None else []
    columns: dict[str, list[NDArray[np.generic]]] = {"query": [], "model": [], "token": [], "logprob": []}
    for m, name in enumerate(recorded.models):
        if name not in {*NAMES, DIRECT}:
            continue
        said = load("r4" if name == DIRECT else name).generate(prompts, think=False if name == DIRECT else None)
        texts = recorded.responses[name].filled()
        for row, each in enumerate(said):
            if response(each.working, each.answer) != texts[row]:
                raise refuse(f"{name} answers another text than was recorded.", "Record the table again with these weights.", row=row + 1)
        counts = [each.tokens_out for each in said]
        columns["query"].append(np.repeat(np.arange(len(said), dtype=np.int32), counts))
        columns["model"].append(np.full(sum(counts), m, np.int16))
        columns["token"].append(np.array([step.text for each in said for step in each.steps], dtype=object))
        columns["logprob"].append(np.array([step.logprob for each in said for step in each.steps], np.float16))
    return {name: np.concatenate(parts) for name, parts in columns.items()}


def response(working: str, answer: str) -> str:
    """Return the recorded text of an answer: its working, an arrow, the answer; without working the answer alone."""
    return f"{working} → {answer}" if working else answer


def _with_working(arm: Arm, rows: Sequence[Sequence[Answer]]) -> Arm:
    return replace(arm, texts=[response(drawn[0].reasoning, drawn[0].text) for drawn in rows])


def _drawn(recorder: Recorder, name: str) -> list[list[Answer]]:
    return recorder.answers(endpoint(name, temperature=TEMPERATURE), samples=SAMPLES, concurrency=64)


def _tool(prompt: str) -> tuple[str, dict[str, float]]:
    found = tool.answer(prompt)
    known = float(found is not None)  # a tool that cannot answer is wrong at once and says so
    return found or "", {"answered": known, "margin": known}


def _joined(parts: Sequence[Samples]) -> Samples:
    names = ("query", "model", "quality", "code")
    columns = {name: np.concatenate([getattr(part, name) for part in parts]) for name in names}
    order = np.lexsort((columns["model"], columns["query"]))
    return Samples(**{name: column[order] for name, column in columns.items()})


def _assembled(queries: QuerySet, found: Sequence[Arm], samples: Samples, vectors: NDArray[np.float32]) -> OutcomeTable:
    date = dt.datetime.now(tz=dt.UTC).date().isoformat()
    origin = Origin(
        name="Puzzles", kind="recorded", source="data/ladder/record.py", licence=LICENCE,
        note="Prices are assumed: in proportion to parameters, R4 at the list price of gpt-5. Running the models here is free.",
        scorer="by category: the last number, the letters, the truth values ... (data/ladder/scoring.py)", empty_answer_means="wrong",
    )  # fmt: skip
    made = {"date": date, "machine": machine(), "questions": f"seed {SEED}, held out by operands", "numpy": version("numpy")}
    line = HistoryLine(action="recorded", detail=f"{len(queries):,} puzzles asked to {len(found)} arms on {date}", values=made)
    return replace(
        table(queries, found, features={"embedding": vectors}, samples=samples, origin=origin), history=(line,), stored_fingerprint=""
    )


def main(arguments: Sequence[str] | None = None) -> None:
    """Record and write; progress goes to the terminal."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    from data.ladder.describe import write_table_card
    from data.stores.columns import save

    parser = argparse.ArgumentParser(description="Record the bundled puzzle table.")
    parser.add_argument("--work", type=Path, default=Path(tempfile.gettempdir()) / "routescope-puzzles", help="where answers are kept")
    parser.add_argument("--out", type=Path, default=Path(__file__).resolve().parents[1] / "bundled", help="where both tables go")
    parser.add_argument("--count", type=int, default=COUNT, help="how many puzzles; 100 is a pilot")
    options = parser.parse_args(arguments)
    recorded = record(options.work, count=options.count, tell=_told)
    plain, further = without_tool(recorded), tool_alone(recorded)
    save(settled(plain), options.out / NAME, features="float16")
    save(further, options.out / WITH_TOOL)
    pq.write_table(pa.table(dict(token_logprobs(plain))), options.out / NAME / "tokens.parquet", compression="zstd", compression_level=9)
    write_table_card(plain, options.out / NAME)
    write_table_card(beside(plain, further), options.out / WITH_TOOL)
    for name in recorded.models:
        figures = "  ".join(f"{field} {recorded.mean(field)[name]:.4g}" for field in ("quality", "cost_usd", "latency_s"))
        print(f"{name:14} {figures}")


def _told(name: str, progress: Progress) -> None:
    if progress.done % 500 == 0 or progress.done == progress.total:
        print(f"{name}: {progress.done:,} of {progress.total:,}, {progress.eta_s:,.0f} s left", flush=True)


if __name__ == "__main__":
    main()
