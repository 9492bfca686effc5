"""The words by which columns are known, and how a column name splits into model and field."""

from __future__ import annotations

import re
from collections.abc import Iterable

QUERY_WORDS: dict[str, tuple[str, ...]] = {
    "query_id": ("query_id", "qid", "id", "question_id", "item_id", "prompt_id", "task_id", "instance_id", "example_id", "sample_key",
                 "uid", "uuid", "key", "idx", "index", "custom_id", "doc_id", "column 1"),
    "prompt": ("prompt", "question", "query", "input", "instruction", "problem", "text", "user_prompt", "messages", "original_question"),
    "reference": ("reference", "ground_truth", "gold", "target", "label", "expected", "correct_answer", "reference_answer", "truth",
                  "answer_key", "gold_answer", "expected_answer", "ideal", "answer", "solution", "canonical_solution"),
    "task": ("task", "category", "subject", "task_name", "dataset", "domain", "topic", "benchmark", "eval_name", "task_type", "subset"),
    "split": ("split", "fold", "partition", "subset", "set"),
}  # fmt: skip
ROW_WORDS: dict[str, tuple[str, ...]] = {
    "model": ("model", "model_name", "model_id", "chosen_model", "llm", "llm_name", "engine", "generator", "arm", "system"),
    "sample": ("sample", "sample_id", "sample_idx", "sample_index", "sample_number", "repeat", "repetition", "trial", "epoch", "seed"),
    "policy": ("policy", "router", "strategy"),
}
CELL_WORDS: dict[str, tuple[str, ...]] = {
    "quality": ("quality", "score", "scores", "correct", "is_correct", "correctness", "passed", "pass", "success", "accuracy", "acc",
                "resolved", "solved", "is_solved", "reward", "rating", "grade", "performance", "right", "total_score", "mean_r",
                "llm_correct", "result", "em", "f1"),
    "cost_usd": ("cost_usd", "total_cost_usd", "usd", "total_cost", "cost", "costs", "price", "spend", "cost_dollars", "dollars"),
    "latency_s": ("latency_s", "latency_ms", "latency", "duration_s", "duration_ms", "duration", "elapsed_s", "elapsed_ms", "elapsed",
                  "time_s", "time_ms", "time_taken", "seconds", "runtime", "response_time", "time"),
    "tokens_in": ("tokens_in", "input_tokens", "prompt_tokens", "in_tokens", "n_input_tokens", "num_input_tokens", "tokens_prompt"),
    "tokens_out": ("tokens_out", "output_tokens", "completion_tokens", "out_tokens", "n_output_tokens", "num_output_tokens",
                   "tokens_completion"),
    "response": ("response", "responses", "response_text", "model_response", "output", "outputs", "completion", "generation",
                 "generated_text", "full_response", "raw_response", "answer_text"),
    "answer": ("answer", "answers", "pred", "prediction", "predicted", "predicted_answer", "extracted_answer", "final_answer", "reply"),
}  # fmt: skip
SIGNAL_WORDS = (
    "margin",
    "mean_logprob",
    "logprob",
    "mean_log_prob",
    "confidence",
    "entropy",
    "answered",
    "agreement",
    "perplexity",
    "verifier",
)
MILLISECONDS = re.compile(r"(^|[^a-z])ms$|millis", re.IGNORECASE)
# Numbers or texts beside the outcomes that are no model, however much they look like one.
NO_MODEL = frozenset({
    "id", "idx", "index", "count", "n", "num", "number", "rank", "length", "len", "size", "year", "month", "day", "date", "seed",
    "level", "cluster", "chars", "words", "tokens", "token", "cost", "price", "latency", "time", "duration", "weight", "difficulty",
    "hard", "easy", "contaminated", "row", "line", "choices", "options", "explanation", "rationale", "notes", "note", "comment",
    "context", "url", "link", "source", "metric", "author", "meta", "metadata", "split", "fold", "total", "average", "mean", "oracle",
    "hint", "options_text", "grader", "feature", "evidence", "passage", "history", "session",
})  # fmt: skip
_COUNTED = frozenset({"n", "num", "number", "is", "has", "total", "mean", "avg"})
_WRAPPERS = ("scores", "models", "model", "results", "result", "outputs", "responses", "answers", "llms", "outcomes", "usage", "metrics")
_SEPARATOR = r"[ _.|:/\-]+"


def flat(name: str) -> str:
    """Return a column name in the form of the word lists: lower case, words joined with `_`."""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name.strip())
    return re.sub(r"[ .\-/|:]+", "_", words).lower().strip("_")


def role_by_name(names: Iterable[str], words: tuple[str, ...]) -> str:
    """Return the column whose name comes first in a word list, or ""; a dotted name counts by its last part too."""
    by_flat: dict[str, str] = {}
    for name in names:
        by_flat.setdefault(flat(name), name)
    for name in names:
        if "." in name:
            by_flat.setdefault(flat(name.rsplit(".", 1)[-1]), name)
    return next((by_flat[word] for word in words if word in by_flat), "")


def ranked_by_name(names: Iterable[str], words: tuple[str, ...]) -> list[str]:
    """Return the columns whose names are in a word list, in the order of the list."""
    left, found = list(names), []
    while column := role_by_name(left, words):
        found.append(column)
        left.remove(column)
    return found


def no_model(name: str) -> bool:
    """Whether a column can't be a model by its name."""
    whole = flat(name)
    words = whole.split("_")
    return whole in NO_MODEL or words[-1] in NO_MODEL or words[0] in _COUNTED or name.startswith("@")


def parted(name: str) -> list[tuple[str, str]]:
    """Return the ways to read a column name as (field, model): `gpt-4_response`, `score.gpt`, `results.gpt.usage.prompt_tokens`."""
    found: list[tuple[str, str]] = []
    inner = _unwrapped(name)
    for field, word in _FIELD_WORDS:
        pattern = word.replace("_", r"[ _.\-]?")
        suffix = re.fullmatch(rf"(.+?){_SEPARATOR}{pattern}", inner, re.IGNORECASE)
        prefix = re.fullmatch(rf"{pattern}{_SEPARATOR}(.+)", name, re.IGNORECASE)
        found.extend((field, _bare(match.group(1))) for match in (suffix, prefix) if match)
    return found


def _unwrapped(name: str) -> str:
    head, dot, rest = name.partition(".")
    return rest if dot and head.lower() in _WRAPPERS and "." in rest else name


def _bare(model: str) -> str:
    head, dot, tail = model.rpartition(".")
    return head if dot and tail.lower() in _WRAPPERS else model


_FIELD_WORDS = sorted(
    [(field, word) for field, words in CELL_WORDS.items() for word in words] + [(f"signal {word}", word) for word in SIGNAL_WORDS],
    key=lambda pair: -len(pair[1]),
)
