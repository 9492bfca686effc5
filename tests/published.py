"""Small files in the published shapes of benchmarks and evaluation tools, written by hand after their documentation, values invented."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from typing import Any

from data.readers.base import Upload

CHEAP, STRONG = "mistralai/mistral-7b-chat", "gpt-4-1106-preview"
ROUTERBENCH = [
    {
        "sample_id": "mmlu-anatomy.val.1", "prompt": "['Which bone?\\nA) Ulna\\nB) Tibia']", "eval_name": "mmlu-anatomy",
        CHEAP: 0.0, STRONG: 1.0, f"{STRONG}|model_response": "['B)']", f"{CHEAP}|model_response": "['A']",
        f"{STRONG}|total_cost": 0.00074, f"{CHEAP}|total_cost": 1.46e-05, "oracle_model_to_route_to": STRONG,
    },
    {
        "sample_id": "mtbench.7", "prompt": "['Write a haiku, \"short\"']", "eval_name": "mtbench",
        CHEAP: 0.75, STRONG: 0.9, f"{STRONG}|model_response": "['Snow, \\nthen']", f"{CHEAP}|model_response": "['A haiku']",
        f"{STRONG}|total_cost": 0.011, f"{CHEAP}|total_cost": 9.1e-05, "oracle_model_to_route_to": CHEAP,
    },
    {
        "sample_id": "mbpp.dev.3", "prompt": "['Write a function']", "eval_name": "mbpp",
        CHEAP: 0.0, STRONG: 0.0, f"{STRONG}|model_response": "['def f(): pass']", f"{CHEAP}|model_response": "['']",
        f"{STRONG}|total_cost": 0.0051, f"{CHEAP}|total_cost": 6.2e-05, "oracle_model_to_route_to": "no_model_correct",
    },
]  # fmt: skip


def routerbench() -> list[Upload]:
    """Return a wide table as it comes from RouterBench's pickle once that was written as CSV."""
    return [Upload("routerbench_0shot.csv", as_csv(ROUTERBENCH))]


def _choice(index: str, model: str, answer: str | None, *, accuracy: float | None, cost: float | None, **more: Any) -> dict[str, Any]:
    usage = {"input_tokens": 92, "output_tokens": 79, "total_tokens": more.pop("total", 171)}
    result = {"generated_answer": answer, "success": answer is not None, "token_usage": usage, "provider": "azure", "error": None}
    return {"global index": index, "prompt": more.pop("prompt", f"Question {index}?"), "prediction": model,
            "generated_result": more.pop("result", result), "cost": cost, "accuracy": accuracy, **more}  # fmt: skip


def routerarena() -> list[Upload]:
    """Return a router's predictions, its reworded ones, and the cached results of one model."""
    predictions = [
        _choice("ArcMMLU_655", "grok-4-1-fast", "A. 10 \\boxed{A}", accuracy=0.0, cost=5.79e-05, total=706, for_optimality=False),
        _choice("ArcMMLU_655", "gpt-5-nano", "\\boxed{B}", accuracy=1.0, cost=0.00051785, for_optimality=True),
        _choice("AIME_112", "gpt-5-nano", "\\boxed{610}", accuracy=1.0, cost=0.0006, for_optimality=False),
        _choice("AIME_58", "grok-4-1-fast", None, accuracy=None, cost=None, for_optimality=False),
        _choice("AIME_59", "grok-4-1-fast", None, accuracy=None, cost=None, result=None),
    ]
    reworded = [_choice("AIME_112", "grok-4-1-fast", "\\boxed{7}", accuracy=0.0, cost=4e-05, prompt="Kindly resolve: AIME_112.")]
    cached = [
        {
            "global_index": "AIME_112", "question": "Question AIME_112?", "llm_selected": "gpt-5-nano", "generated_answer": "\\boxed{610}",
            "token_usage": {"input_tokens": 92, "output_tokens": 79, "total_tokens": 171}, "success": True, "provider": "openai",
            "evaluation_result": {"extracted_answer": "610", "ground_truth": "610", "score": 1.0, "metric": "math_metric",
                                  "inference_cost": 0.0006}, "run_number": 1,
        },
        {
            "global_index": "AIME_112", "question": "Question AIME_112?", "llm_selected": "gpt-5-nano", "generated_answer": "\\boxed{3}",
            "token_usage": {"input_tokens": 92, "output_tokens": 41, "total_tokens": 133}, "success": True, "provider": "openai",
            "evaluation_result": {"extracted_answer": "3", "ground_truth": "610", "score": 0.0, "metric": "math_metric",
                                  "inference_cost": 0.0004}, "run_number": 2,
        },
    ]  # fmt: skip
    return [
        Upload("predictions/my-router.json", as_json(predictions)),
        Upload("predictions/my-router-robustness.json", as_json(reworded)),
        Upload("cached_results/gpt-5-nano.jsonl", as_lines(cached)),
    ]


EMBEDLLM = [
    {"prompt_id": prompt, "model_id": m, "category_id": category, "label": label, "prompt": f"What is {prompt}?", "model_name": name,
     "category": ("asdiv", "mathqa")[category]}
    for prompt, category, labels in ((11, 0, (1, 0)), (12, 1, (1, 1)), (13, 1, (0, 0)), (14, 0, (0, 1)))
    for m, (name, label) in enumerate(zip(("microsoft__phi-2", "google__gemma-7b-it"), labels, strict=True))
]  # fmt: skip


def embedllm() -> list[Upload]:
    """Return a long table, a row a prompt and model."""
    return [Upload("train.csv", as_csv(EMBEDLLM))]


def _candidate(model: str, text: str, bert: float, overlap: float, decoding: str = "top_p_sampling") -> dict[str, Any]:
    scores = {"bleu": 5.6, "bertscore": bert, "bleurt": bert - 1.2, "bartscore": -3.1, "rougeL": overlap}
    return {"decoding_method": decoding, "model": model, "text": text, "scores": scores}


MIXINSTRUCT: list[dict[str, Any]] = [
    {
        "id": "unified_chip2/69962", "instruction": "", "input": "What is a skeptic?", "output": "Someone who doubts.",
        "candidates": [_candidate("vicuna-13b-1.1", "One who questions.", 0.75, 0.23), _candidate("dolly-v2-12b", "A doubter", 0.61, 0.4)],
        "cmp_results": json.dumps({"vicuna-13b-1.1,dolly-v2-12b": "A is better"}),
    },
    {
        "id": "itwgpt4/40500", "instruction": "Shorten.", "input": "If you have any questions, ask.", "output": ["Ask if unsure.", "Ask."],
        "candidates": [_candidate("vicuna-13b-1.1", "Ask.", 0.82, 0.5), _candidate("dolly-v2-12b", "", 0.0, 0.0)], "cmp_results": None,
    },
]  # fmt: skip


def mixinstruct() -> list[Upload]:
    """Return two instructions with the candidates of two models."""
    return [Upload("test_data_prepared.jsonl", as_lines(MIXINSTRUCT))]


def _sample(doc: int, read: str, score: float, by: str) -> dict[str, Any]:
    return {
        "doc_id": doc, "doc": {"question": f"How many ducks are {doc}?", "answer": f"Well. #### {doc}"}, "target": str(doc),
        "arguments": {"gen_args_0": {"arg_0": f"Q: How many ducks are {doc}?\nA:", "arg_1": {"until": ["Q:"]}}},
        "resps": [[f" There are {doc}."]], "filtered_resps": [read], "filter": by, "metrics": ["exact_match"],
        "doc_hash": f"{doc}86c19252f3c7f6e", "prompt_hash": "901f", "target_hash": "4ec9", "exact_match": score,
    }  # fmt: skip


def _options(doc: int, logs: Sequence[float], right: int) -> dict[str, Any]:
    likeliest = max(range(len(logs)), key=lambda i: logs[i])
    return {
        "doc_id": doc, "doc": {"question": f"Which tissue {doc}?", "choices": ["a", "b", "c"], "answer": right}, "target": str(right),
        "arguments": {f"gen_args_{i}": {"arg_0": f"Which tissue {doc}?", "arg_1": f" {i}"} for i in range(3)},
        "resps": [[[str(log), "False"]] for log in logs], "filtered_resps": [[str(log), "False"] for log in logs], "filter": "none",
        "metrics": ["acc", "acc_norm"], "doc_hash": f"m{doc}aa1122bb33", "prompt_hash": "9", "target_hash": "4",
        "acc": float(likeliest == right), "acc_norm": 0.0,
    }  # fmt: skip


def lm_eval() -> list[Upload]:
    """Return the samples of two models for two tasks, one model named by its results file and the other by its folder."""
    date, other = "2024-07-20T12-34-56.789012", "2024-07-21T08-00-00.000001"
    results = {"results": {"gsm8k": {"alias": "gsm8k", "exact_match,strict-match": 0.5}}, "configs": {"gsm8k": {}}, "versions": {},
               "config": {"model": "hf", "model_args": "pretrained=meta-llama/Llama-3-8B,dtype=float16"},
               "model_name": "meta-llama/Llama-3-8B", "model_name_sanitized": "meta-llama__Llama-3-8B"}  # fmt: skip
    first = [_sample(0, "[invalid]", 0.0, "strict-match"), _sample(1, "1", 1.0, "strict-match"),
             _sample(0, "0", 1.0, "flexible-extract"), _sample(1, "1", 1.0, "flexible-extract")]  # fmt: skip
    told, unsure = _options(0, (-3.0, -0.5, -8.0), 1), _options(1, (-1.0, -1.0, -9.0), 2)
    second = [_sample(0, "0", 1.0, "strict-match"), _sample(0, "0", 1.0, "flexible-extract"),
              _sample(1, "2", 0.0, "strict-match"), _sample(1, "2", 0.0, "flexible-extract")]  # fmt: skip
    return [
        Upload(f"runs/llama/results_{date}.json", as_json(results)),
        Upload(f"runs/llama/samples_gsm8k_{date}.jsonl", as_lines(first)),
        Upload(f"runs/llama/samples_mmlu_anatomy_{date}.jsonl", as_lines([told, unsure])),
        Upload(f"runs/google__gemma-7b/samples_gsm8k_{other}.jsonl", as_lines(second)),
        Upload(f"runs/google__gemma-7b/samples_mmlu_anatomy_{other}.jsonl",
               as_lines([_options(0, (-0.1, -4.0, -8.0), 1), _options(1, (-9.0, -7.0, -0.2), 2)])),
    ]  # fmt: skip


def promptfoo_result(test: int, prompt: int, provider: str, output: str | None, score: float, **more: Any) -> dict[str, Any]:
    """Return one result of promptfoo's version 3; `more` replaces parts of it."""
    question, template = f"Compute 8 x {test}.", ("Answer: {{question}}", "Think, then answer: {{question}}")[prompt // 2]
    response = {
        "output": output, "cached": False, "cost": 7.05e-06, "tokenUsage": {"total": 44, "prompt": 43, "completion": 1, "numRequests": 1}
    }  # fmt: skip
    return {
        "cost": 7.05e-06,
        "gradingResult": {"pass": score >= 0.5, "score": score, "reason": "", "componentResults": [{"pass": score >= 0.5}]},
        "id": f"{test}-{prompt}", "latencyMs": 473, "namedScores": {}, "promptId": "40935571", "promptIdx": prompt,
        "prompt": {"raw": template.replace("{{question}}", question), "label": template},
        "provider": {"id": f"openai:chat:{provider}", "label": ""}, "response": response, "score": score, "success": score >= 0.5,
        "testCase": {"vars": {"question": question}, "assert": [{"type": "equals", "value": str(8 * test)}], "options": {}, "metadata": {}},
        "testIdx": test, "vars": {"question": question}, "metadata": {}, "failureReason": 0 if score >= 0.5 else 1, **more,
    }  # fmt: skip


def promptfoo_results() -> list[dict[str, Any]]:
    """Return results of two providers and two prompts for three tests: one from the cache, one failed, one without assertions."""
    cached = {"output": "8", "cached": True, "tokenUsage": {"cached": 44, "total": 44}}
    bare = {"vars": {"question": "Compute 8 x 3."}, "assert": [], "options": {}}
    return [
        promptfoo_result(2, 0, "gpt-4o-mini", "16", 1),
        promptfoo_result(1, 0, "gpt-4o-mini", "8", 1, response=cached, cost=0, latencyMs=2),
        promptfoo_result(1, 1, "gpt-4o", "9", 0),
        promptfoo_result(2, 1, "gpt-4o", None, 0, failureReason=2, error="Rate limit exceeded", latencyMs=0, cost=0, response=None),
        promptfoo_result(1, 2, "gpt-4o-mini", "8", 1),
        promptfoo_result(2, 2, "gpt-4o-mini", '{"x": 16}', 0.25),
        promptfoo_result(3, 0, "gpt-4o-mini", "24", 1, testCase=bare, gradingResult={"pass": True, "score": 1, "reason": "No assertions"}),
    ]


def promptfoo() -> list[Upload]:
    """Return promptfoo's output of version 3."""
    summary = {"version": 3, "timestamp": "2026-04-20T13:03:13.756Z", "prompts": [], "results": promptfoo_results(), "stats": {}}
    return [Upload("output.json", as_json({"evalId": "eval-6Vn", "results": summary, "config": {}, "shareableUrl": None}))]


def llmrouterbench_run(model: str, dataset: str, scores: Sequence[float | None], *, split: str = "test", **more: Any) -> dict[str, Any]:
    """Return one result file of LLMRouterBench; `more` replaces parts of it, `cost` the price of a token."""
    price = more.pop("cost", 1e-6)
    records = [
        {"index": i, "origin_query": f"{dataset} asks {i}?", "prompt": f"Question: {dataset} asks {i}?\nAnswer:", "prompt_tokens": 10 + i,
         "completion_tokens": 5, "cost": price * (15 + i), "score": score, "prediction": str(i), "ground_truth": str(i),
         "raw_output": f"It is {i}.", "extra_fields": {}}
        for i, score in enumerate(scores, 1)
    ]  # fmt: skip
    sums = {"performance": 0.5, "time_taken": 120.5, "prompt_tokens": 46, "completion_tokens": 20, "cost": 0.1, "counts": len(records)}
    named = {"model_name": model, "dataset_name": dataset, "split": split, "demo": False, "extra_metrics": {}, "data_fingerprint": "5f2a"}
    return {**sums, **named, "records": records, **more}


def llmrouterbench() -> list[Upload]:
    """Return the runs of two models on two datasets, one of the models without a price, and a trial run."""
    runs = {
        "aime/hybrid/gpt-5/aime-hybrid-gpt-5-20251019_064322": llmrouterbench_run("gpt-5", "aime", (1, 0, None, 1), split="hybrid"),
        "aime/hybrid/glm/aime-hybrid-glm-20251019_064301": llmrouterbench_run("glm", "aime", (0, 0, 1, 1), split="hybrid", cost=0.0),
        "gpqa/test/gpt-5/gpqa-test-gpt-5-20251020_064322": llmrouterbench_run("gpt-5", "gpqa", (1, 0.5)),
        "gpqa/test/glm/gpqa-test-glm-20251020_064322": llmrouterbench_run("glm", "gpqa", (0, 1), cost=0.0),
        "gpqa/test/gpt-5/gpqa-test-gpt-5-20251001_000000": llmrouterbench_run("gpt-5", "gpqa", (0, 0), demo=True),
    }
    return [Upload(f"bench-release/{name}.json", as_json(run)) for name, run in runs.items()]


SHAPES = {
    "routerbench": routerbench, "routerarena": routerarena, "embedllm": embedllm, "mixinstruct": mixinstruct, "lm_eval": lm_eval,
    "promptfoo": promptfoo, "llmrouterbench": llmrouterbench,
}  # fmt: skip


def as_csv(rows: Sequence[dict[str, Any]], fields: Sequence[str] = ()) -> bytes:
    """Return rows as CSV, the columns in the order of `fields` or of the first row."""
    out = io.StringIO()
    writer = csv.DictWriter(out, fieldnames=fields or list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()


def as_lines(records: Sequence[dict[str, Any]]) -> bytes:
    """Return records as JSONL."""
    return "".join(json.dumps(record) + "\n" for record in records).encode()


def as_json(value: Any) -> bytes:
    """Return a value as indented JSON."""
    return json.dumps(value, indent=2).encode()


def backwards(value: Any) -> Any:
    """Return a JSON value with the keys of every object in reverse order."""
    if isinstance(value, dict):
        return {key: backwards(value[key]) for key in reversed(value)}
    return [backwards(each) for each in value] if isinstance(value, list) else value
