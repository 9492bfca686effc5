"""The words by which columns are known, and how a column name splits into model and field."""

from __future__ import annotations

import re
from collections.abc import Iterable

from data.signals import signals

QUERY_WORDS: dict[str, tuple[str, ...]] = {
    "query_id": ("query_id", "qid", "id", "question_id", "item_id", "prompt_id", "task_id", "instance_id", "example_id", "sample_key",
                 "uid", "uuid", "key", "idx", "index", "custom_id", "doc_id", "column 1", "request_id", "generation_id", "trace_id",
                 "response_id", "call_id", "@key"),
    "prompt": ("prompt", "question", "query", "input", "instruction", "problem", "text", "user_prompt", "messages", "original_question"),
    "reference": ("reference", "ground_truth", "gold", "target", "label", "expected", "correct_answer", "reference_answer", "truth",
                  "answer_key", "gold_answer", "expected_answer", "ideal", "answer", "solution", "canonical_solution"),
    "task": ("task", "category", "subject", "task_name", "dataset", "domain", "topic", "benchmark", "eval_name", "task_type", "subset"),
    "split": ("split", "fold", "partition", "subset", "set"),
    "timestamp": ("timestamp", "created_at", "start_time", "started_at", "date_time", "datetime", "time_stamp", "at_time"),
}  # fmt: skip
ROW_WORDS: dict[str, tuple[str, ...]] = {
    "model": (
        "model",
        "model_name",
        "model_id",
        "chosen_model",
        "llm",
        "llm_name",
        "engine",
        "generator",
        "arm",
        "system",
        "model_permaslug",
    ),
    "sample": ("sample", "sample_id", "sample_idx", "sample_index", "sample_number", "repeat", "repetition", "trial", "epoch", "seed"),
    "policy": ("policy", "router", "strategy"),
}
CELL_WORDS: dict[str, tuple[str, ...]] = {
    "quality": ("quality", "score", "scores", "correct", "is_correct", "correctness", "passed", "pass", "success", "accuracy", "acc",
                "resolved", "solved", "is_solved", "reward", "rating", "grade", "performance", "right", "total_score", "mean_r",
                "llm_correct", "result", "exact_match", "pass@1", "pass_at_1", "em", "f1", "verdict", "thumbs_up"),
    "cost_usd": ("cost_usd", "total_cost_usd", "usd", "total_cost", "cost_total", "cost", "costs", "price", "spend", "cost_dollars",
                 "dollars", "cost_cents", "cost_usd_cents", "cents", "cost_per_1k", "cost_per_1000", "cost_per_1k_queries",
                 "cost_usd_per_1k", "usd_per_1k", "cost_microusd", "cost_per_million", "price_per_mtok", "cost_per_mtok", "usd_per_mtok",
                 "price_per_1m_tokens", "cost_per_1m_tokens", "price_per_million_tokens", "cost_per_million_tokens",
                 "price_per_1k_tokens", "cost_per_1k_tokens"),
    "latency_s": ("latency_s", "latency_ms", "latency", "duration_s", "duration_ms", "duration", "elapsed_s", "elapsed_ms", "elapsed",
                  "latency_us", "latency_ns", "latency_min", "latency_minutes", "latency_seconds", "duration_us", "duration_ns",
                  "duration_min", "duration_minutes", "duration_seconds", "elapsed_ns", "time_ns", "minutes",
                  "time_s", "time_ms", "time_taken", "seconds", "runtime", "runtime_ms", "response_time", "response_time_ms",
                 "generation_time_ms", "delay_ms", "total_time_ms", "time"),
    "tokens_in": ("tokens_in", "input_tokens", "prompt_tokens", "in_tokens", "n_input_tokens", "num_input_tokens", "tokens_prompt"),
    "tokens_out": ("tokens_out", "output_tokens", "completion_tokens", "out_tokens", "n_output_tokens", "num_output_tokens",
                   "tokens_completion"),
    "tokens_total": ("tokens_total", "total_tokens", "n_total_tokens", "num_total_tokens"),
    "tokens_reasoning": ("tokens_reasoning", "reasoning_tokens", "thinking_tokens", "thoughts_tokens", "thoughts_token_count"),
    "tokens_cached": ("tokens_cached", "cached_tokens", "cache_read_tokens", "cached_input_tokens", "cache_read_input_tokens"),
    "propensity": ("propensity", "selection_probability", "p_selected", "logging_probability"),
    "response": ("response", "responses", "response_text", "model_response", "output", "outputs", "completion", "generation",
                 "generated_text", "full_response", "raw_response", "answer_text"),
    "answer": ("answer", "answers", "pred", "prediction", "predicted", "predicted_answer", "extracted_answer", "final_answer", "reply"),
}  # fmt: skip
# Signal -> the words that columns call it by; the last four are kept as they are, for there is no one scale of them.
SIGNAL_WORDS = {
    **{name: (name, *signal.aliases) for name, signal in signals().items()},
    **{name: (name,) for name in ("perplexity", "entropy", "logprob", "verifier")},
}
# Numbers or texts beside the outcomes that are no model, however much they look like one.
NO_MODEL = frozenset({
    "id", "idx", "index", "count", "n", "num", "number", "rank", "length", "len", "size", "year", "month", "day", "date", "seed",
    "level", "cluster", "chars", "words", "tokens", "token", "cost", "price", "latency", "time", "duration", "weight", "difficulty",
    "hard", "easy", "contaminated", "row", "line", "choices", "options", "explanation", "rationale", "notes", "note", "comment",
    "context", "url", "link", "source", "metric", "author", "meta", "metadata", "split", "fold", "total", "average", "mean", "oracle",
    "hint", "options_text", "grader", "feature", "evidence", "passage", "history", "session", "temperature", "top_p", "threshold",
    "turn", "anony", "stream", "streamed", "cancelled", "cached", "preference", "winner", "latencies", "costs", "prices", "seconds",
    "ms", "usd", "cents", "nr",
})  # fmt: skip
_COUNTED = frozenset({"n", "num", "number", "is", "has", "total", "mean", "avg"})
_WRAPPERS = ("scores", "models", "model", "results", "result", "outputs", "responses", "answers", "llms", "outcomes", "usage", "metrics")
_SEPARATOR = r"[ _.|:/\-]+"
_IN_BRACKETS = re.compile(r"\s*[(\[]\s*([^()\[\]]{1,12}?)\s*[)\]]\s*$")
# What a unit in brackets says as a part of a name; of the unit that is meant anyway, nothing.
_UNITS = {"$": "", "us$": "", "usd": "", "%": "", "s": "", "sec": "", "secs": "", "seconds": "", "tokens": "",
          "ms": " ms", "msec": " ms", "milliseconds": " ms", "us": " us", "µs": " us", "ns": " ns", "min": " min", "minutes": " min",
          "cent": " cents", "cents": " cents", "¢": " cents", "us cents": " cents", "$ per 1k": " per 1k", "usd per 1k": " per 1k",
          "$/1k": " per 1k", "usd/1k": " per 1k"}  # fmt: skip

_MONEY_OR_TIME = frozenset({*_UNITS, "€", "eur", "£", "gbp", "¥"} - {"%", "tokens"})


def flat(name: str) -> str:
    """Return a column name in the form of the word lists: lower case, words joined with `_`."""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", spelled(name).strip())
    return re.sub(r"[ .\-/|:]+", "_", words).lower().strip("_")


def spelled(name: str) -> str:
    """Return a column name with a unit in brackets at its end as a word: `Latency (ms)` is `Latency ms`, `Cost ($)` is `Cost`."""
    found = _IN_BRACKETS.search(name)
    unit = None if found is None else _UNITS.get(found.group(1).lower())
    return name if found is None or unit is None else name[: found.start()] + unit


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
    """Whether a column can't be a model by its name: a word that says something else, or a unit of money or time in brackets."""
    found = _IN_BRACKETS.search(name)
    if found and found.group(1).lower() in _MONEY_OR_TIME:
        return True
    whole = flat(_IN_BRACKETS.sub("", name)) or flat(name)
    words = whole.split("_")
    return whole in NO_MODEL or words[-1] in NO_MODEL or words[0] in _COUNTED or name.startswith("@")


def parted(name: str) -> list[tuple[str, str]]:
    """Return the ways to read a column name as (field, model): `gpt-4_response`, `score.gpt`, `results.gpt.usage.prompt_tokens`."""
    found: list[tuple[str, str]] = []
    name = spelled(name)
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
    [(field, word) for field, words in CELL_WORDS.items() for word in words]
    + [(f"signal {name}", word) for name, words in SIGNAL_WORDS.items() for word in words],
    key=lambda pair: -len(pair[1]),
)
