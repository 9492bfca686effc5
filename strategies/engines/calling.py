"""The live source: one query whose outcomes come to be when the loop calls for them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeAlias

import numpy as np
import pyarrow as pa

from data.live.call import Answer
from data.live.judge import JUDGE, Opinion
from data.live.table import Scorers, code_of, scorer_of
from data.models import ModelCard
from data.problems import refuse
from data.queries import QuerySet
from strategies.engines.fees import NOBODY
from strategies.engines.recorded import draws, labelled
from strategies.engines.source import Judge, Rows
from strategies.predictors.tasks import LABEL
from strategies.protocol import Doubles, Floats, Ints

Encoder: TypeAlias = Callable[[Sequence[str]], Any]


class Unscored:
    """A scorer for questions without references: any text is its own short form, nothing is right or wrong."""

    def extract(self, answer: str, /) -> str:
        """Return the text without white space around it."""
        return answer.strip()

    def score(self, answer: str, reference: str, /) -> float:  # noqa: ARG002 - a Scorer's signature
        """Return NaN: not known."""
        return float("nan")


class LiveSource:
    """The loop's source for one query; columns are (1,), NaN until called. A failed call stays NaN, as a hole in a table does.

    fetch(position) -> Answer or None makes one call. encoder : texts -> vectors, for strategies that need embeddings.
    judge() -> Opinion asks a judge about the question, once, when a strategy first asks for the feature "judge".
    """

    size = 1
    cost_unit = "USD"

    def __init__(
        self,
        query: QuerySet,
        cards: Sequence[ModelCard],
        fetch: Callable[[int], Answer | None],
        *,
        scorers: Scorers | None = None,
        encoder: Encoder | None = None,
        judge: Callable[[], Opinion] | None = None,
    ) -> None:
        self.models = tuple(cards)
        self.names = tuple(card.name for card in cards)
        self.got: dict[int, Answer] = {}
        self._query, self._fetch, self._encoder, self._judge = query, fetch, encoder, judge
        self._opinion: Opinion | None = None
        self._scorer = scorer_of(scorers or Unscored(), query, 0)
        self._features: dict[str, Floats] = {}

    def call(self, rows: Rows, models: Sequence[int]) -> None:  # noqa: ARG002 - there is one row
        """Make the calls, several at once side by side."""
        if len(models) == 1:
            found = [self._fetch(models[0])]
        else:
            with ThreadPoolExecutor(len(models)) as pool:
                found = list(pool.map(self._fetch, models))
        self.got.update({m: answer for m, answer in zip(models, found, strict=True) if answer is not None})

    def cost(self, model: int) -> Floats:
        """(1,) cost in USD."""
        return _one(self.got[model].cost_usd if model in self.got else np.nan)

    def latency(self, model: int) -> Floats:
        """(1,) seconds."""
        return _one(self.got[model].latency_s if model in self.got else np.nan)

    def whole(self, model: int) -> bool:
        """Whether cost and latency are known."""
        return not np.isnan(self.cost(model)[0] + self.latency(model)[0])

    def quality(self, model: int) -> Floats:
        """(1,) quality where there is a reference."""
        reference = None if self._query.references is None else self._query.references[0]
        known = model in self.got and reference is not None
        return _one(self._scorer.score(self.got[model].text, str(reference)) if known else np.nan)

    def reward(self, row: int, models: Sequence[int]) -> Floats:  # noqa: ARG002 - there is one row
        """(k,) quality of these models' answers, as the scorer says it; NaN without a reference or an answer."""
        return np.array([self.quality(m)[0] for m in models], dtype=np.float32)

    def verdict(self, model: int, judge: Judge, seed: int) -> Floats:  # noqa: ARG002 - a Source's signature
        """Refuse: nobody knows the truth here."""
        raise refuse("a simulated judge knows the truth, which a live run does not.", "Replay recorded answers.")

    def signal(self, name: str, model: int) -> Floats:
        """(1,) a signal of the call, or one read off its text or tokens; NaN where the call gave none."""
        if name == "response_tokens":
            return np.log1p(_one(self.got[model].tokens_out if model in self.got else np.nan))
        if name.startswith("response_"):
            from strategies.predictors.text import of_responses

            return of_responses(pa.array([self.got[model].text if model in self.got else None], pa.large_string()), name)
        if name == "agreement" and model in self.got and name not in self.got[model].signals:
            self.samples(model)
        return _one(self.got[model].signals.get(name, np.nan) if model in self.got else np.nan)

    def price(self, name: str, model: int) -> tuple[Floats, Floats] | None:
        """(1,) cost and seconds of the judge's opinion; None for all else: it comes with a call, nobody is asked once more."""
        if name != JUDGE or model != NOBODY:
            return None
        opinion = self._judged()
        return _one(opinion.cost_usd), _one(opinion.latency_s)

    def answers(self, model: int) -> Ints:
        """(1,) code of the comparable answer."""
        return np.array([code_of(self._scorer.extract(self.got[model].text)) if model in self.got else -1], dtype=np.int32)

    def samples(self, model: int) -> tuple[Ints, Floats]:
        """Refuse: a live query is asked once."""
        raise refuse(
            f"{self.names[model]} is asked once a question here, and its repeated answers are needed.",
            "Record them: run the model on the Models page with several samples a question, then replay.",
        )

    def feature(self, name: str) -> Floats:
        """(1, d) of the prompt, computed when first asked for."""
        if name not in self._features:
            self._features[name] = self._computed(name)
        return self._features[name]

    def _computed(self, name: str) -> Floats:
        from strategies.predictors.embeddings import rounded
        from strategies.predictors.text import of_texts

        if name == JUDGE:
            return np.array([self._judged().chances], dtype=np.float32)
        if name == "text":
            return of_texts(self.texts(None))
        if name.startswith(LABEL) and self._query.tasks is not None:
            return labelled(self._query, name)
        if name == "embedding" and self._encoder is not None:
            return rounded(self._encoder(self.texts(None)))
        raise refuse(f"a live query has no feature {name!r}.", "Give an encoder, or choose a strategy that does without.")

    def _judged(self) -> Opinion:
        """Return what the judge says of the question; it is asked once."""
        if self._judge is None:
            raise refuse("nobody judges the questions of this live run.", "Give a judge: run_live(..., judge=Judge(endpoint, ask)).")
        if self._opinion is None:
            self._opinion = self._judge()
        return self._opinion

    def texts(self, rows: Rows) -> list[str]:  # noqa: ARG002 - there is one row
        """Return the prompt."""
        return [] if self._query.prompts is None else self._query.prompts.filled()

    def uniform(self, tag: str, seed: int) -> Doubles:
        """(1,) the same draw as in a replay of this query."""
        return draws(self._query.keys, tag, seed)


def _one(value: float) -> Floats:
    return np.array([value], dtype=np.float32)
