"""ZeroEval's CRUX board: the accuracy of 49 models (their own summary), from right and wrong answers."""

from __future__ import annotations

from functools import partial

import numpy as np

from strategies.published.base import Copy, Headline, Source

# model -> accuracy in per cent, as printed in result_dirs/crux.summary.json
PRINTED = {
    "o1-preview-2024-09-12": 95.88, "o1-mini-2024-09-12": 93.75, "gpt-4o-2024-08-06": 87.00, "chatgpt-4o-latest-24-09-07": 86.50,
    "gpt-4o-2024-05-13": 86.12, "claude-3-5-sonnet-20241022": 83.88, "claude-3-5-sonnet-20240620": 80.75,
    "gemini-1.5-pro-exp-0827": 79.62, "gpt-4-turbo-2024-04-09": 78.88, "gpt-4o-mini-2024-07-18": 75.88, "grok-2-1212": 75.25,
    "Mistral-Large-2": 75.12, "gemini-1.5-pro-exp-0801": 74.88, "gpt-4-0314": 74.50, "gemini-1.5-flash-exp-0827": 74.50,
    "Qwen2.5-72B-Instruct": 73.88, "Llama-3.1-405B-Inst@sambanova": 73.00, "deepseek-v2-chat-0628": 70.50,
    "claude-3-opus-20240229": 70.38, "deepseek-v2.5-0908": 70.00, "Qwen2.5-32B-Instruct": 69.88, "deepseek-v2-coder-0724": 69.50,
    "claude-3-5-haiku-20241022": 68.75, "gemini-1.5-pro": 68.00, "claude-3-sonnet-20240229": 66.62, "Meta-Llama-3.1-70B-Instruct": 64.25,
    "gemini-1.5-flash": 63.75, "yi-large-preview": 60.38, "yi-large": 60.25, "Qwen2-72B-Instruct": 59.13,
    "Meta-Llama-3-70B-Instruct": 58.88, "gemma-2-27b-it": 57.25, "claude-3-haiku-20240307": 54.75, "gpt-3.5-turbo-0125": 54.75,
    "Qwen2.5-7B-Instruct": 52.75, "Athene-70B": 50.62, "reka-core-20240501": 46.25, "gemma-2-9b-it": 46.00,
    "Mixtral-8x7B-Instruct-v0.1": 44.88, "Phi-3-mini-4k-instruct": 44.75, "Yi-1.5-9B-Chat": 44.75, "Yi-1.5-34B-Chat": 44.12,
    "Phi-3.5-mini-instruct": 42.12, "Meta-Llama-3.1-8B-Instruct": 39.88, "Qwen2-7B-Instruct": 37.88, "Meta-Llama-3-8B-Instruct": 37.75,
    "reka-flash-20240226": 34.12, "Qwen2.5-3B-Instruct": 33.12, "gemma-2-2b-it": 21.50,
}  # fmt: skip
CRUX = Source(
    id="zeroeval-crux", title="ZeroEval, CRUX", cite="WildEval/ZeroEval @ 8c1485e, result_dirs/crux.summary.json",
    url="https://github.com/WildEval/ZeroEval", licence="Apache-2.0", folder="zeroeval_crux", files=("crux_correct.csv",),
    models=frozenset(PRINTED), queries=(800,),
)  # fmt: skip
_WHY = "an answer that is malformed JSON is read otherwise there: at most 3 of 800 answers"


def _right(model: str, copy: Copy) -> float:
    """Return the share of all questions that a model has right: an answer that can't be read is wrong here, as in the summary."""
    return 100 * float(np.nansum(copy.table.quality(model), dtype=np.float64)) / len(copy.table)


HEADLINES = tuple(
    Headline(
        id=f"zeroeval-crux.{model}", source=CRUX, what=f"accuracy of {model}", published=published, unit="%", tolerance=0.005001,
        ours=partial(_right, model), why=_WHY,
    )
    for model, published in PRINTED.items()
)  # fmt: skip
