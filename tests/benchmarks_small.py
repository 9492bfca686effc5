"""Small files in the shape of every published benchmark that can be fetched: path in its repository -> bytes."""

from __future__ import annotations

import gzip
import io
import tarfile
from collections.abc import Mapping

from data.hub.base import sources
from tests import pickles, published, seeds
from tests.published import EMBEDLLM, ROUTERBENCH, as_csv, as_json, llmrouterbench_run

_BIG, _BIGGER = "claude-sonnet-4", "gpt-5"
_SMALL, _SMALLER = "Qwen3-8B", "Fin-R1"


def tarred(members: Mapping[str, bytes]) -> bytes:
    """Return a gzipped tar of members."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return gzip.compress(out.getvalue(), mtime=0)


def archive() -> bytes:
    """Return LLMRouterBench's archive: runs of both sets, an older run, a trial run, and what is in no set."""
    runs = {
        f"aime/hybrid/{_BIG}/aime-hybrid-{_BIG}-20251019_064322": llmrouterbench_run(_BIG, "aime", (1, 0, 1), split="hybrid"),
        f"aime/hybrid/{_BIGGER}/aime-hybrid-{_BIGGER}-20251001_000000": llmrouterbench_run(_BIGGER, "aime", (0, 0, 0), split="hybrid"),
        f"aime/hybrid/{_BIGGER}/aime-hybrid-{_BIGGER}-20251019_064322": llmrouterbench_run(_BIGGER, "aime", (1, 1, None), split="hybrid"),
        f"aime/hybrid/{_BIGGER}/aime-hybrid-{_BIGGER}-20251101_000000": llmrouterbench_run(_BIGGER, "aime", (0, 0, 0), demo=True),
        f"hle/test/{_BIG}/hle-test-{_BIG}-20251019_064322": llmrouterbench_run(_BIG, "hle", (0, 1)),
        f"hle/test/{_BIGGER}/hle-test-{_BIGGER}-20251019_064322": llmrouterbench_run(_BIGGER, "hle", (1, 1)),
        f"hle/other/{_BIGGER}/hle-other-{_BIGGER}-20251019_064322": llmrouterbench_run(_BIGGER, "hle", (1, 1), split="other"),
        f"arc-agi/test/{_BIG}/arc-agi-test-{_BIG}-20251019_064322": llmrouterbench_run(_BIG, "arc-agi", (0, 1)),
        f"bbh/test/{_SMALL}/bbh-test-{_SMALL}-20251019_064322": llmrouterbench_run(_SMALL, "bbh", (0, 1), cost=0.0),
        f"bbh/test/{_SMALLER}/bbh-test-{_SMALLER}-20251019_064322": llmrouterbench_run(_SMALLER, "bbh", (1, 0), cost=0.0),
    }
    members = {f"bench-release/{name}.json": as_json(run) for name, run in runs.items()}
    return tarred({"bench-release/README.md": b"about", **members, "bench-release/aime/hybrid/gpt-5/broken.json": b"{"})


def routerarena() -> dict[str, bytes]:
    """Return the cached results of the three models, one of them before it was scored."""
    found = {}
    for i, model in enumerate(("claude-3-haiku-20240307", "gemini-2.0-flash-001", "gpt-4o-mini")):
        records = [
            {
                "global_index": f"AIME_{n}", "question": f"Question {n}?", "llm_selected": model, "generated_answer": f"\\boxed{{{n}}}",
                "token_usage": {"input_tokens": 90 + n, "output_tokens": 10, "total_tokens": 100 + n}, "success": True, "provider": "x",
                "error": None, "run_number": 1,
                "evaluation_result": {"extracted_answer": "x", "ground_truth": str(n), "score": float((n + i) % 2), "metric": "math_metric",
                                      "inference_cost": 1e-5 * (i + 1)},
            }
            for n in range(4)
        ]  # fmt: skip
        found[f"cached_results/{model}.jsonl"] = published.as_lines(records)
    return found


def files(source_id: str) -> dict[str, bytes]:
    """Return the files of a source, small and of the published shape, with others of the repository beside them."""
    flags = as_csv([{"prompt": f"{i} + 2?", "mistralai/Mixtral": i % 2 == 0, "gpt-4": True} for i in range(6)])
    gsm8k = [
        {"prompt": f"{i} + 2?", "gpt-4": True, "mixtral": i % 2 == 0, "gpt-4_response": "4", "mixtral_response": "5"} for i in range(6)
    ]
    answers = published.as_lines([{"question": f"{i} + 2?", "answer": f"Add. #### {i + 2}"} for i in range(6)])
    taint = published.as_lines([{"train_prompt": "x", "eval_prompt": "5 + 2?", "train_idx": 1, "eval_idx": 5}])
    made: dict[str, dict[str, bytes]] = {
        "routerbench": {"routerbench_0shot.pkl": pickles.published(ROUTERBENCH), "README.md": b"about", "routerbench_raw.pkl": b"large"},
        "routerbench-5shot": {"routerbench_5shot.pkl": pickles.published(ROUTERBENCH[:2])},
        "embedllm": {"test.csv": as_csv(EMBEDLLM), "train.csv": b"prompt_id\n", "question_order.csv": b"prompt_id,prompt\n"},
        "mixinstruct": {"test_data_prepared.jsonl": published.mixinstruct()[0].data, "README.md": b"about"},
        "omnisbench": {"runs/2026-08-19/results.json": seeds.omnisbench()[0].data, "README.md": b"about"},
        "routerarena": {**routerarena(), "cached_results/another.jsonl": b"{}\n"},
        "routellm-mmlu": {
            "routellm/evals/mmlu/responses/mmlu_anatomy.csv": flags,
            "routellm/evals/mmlu/responses/mmlu_law.csv": flags.replace(b" + ", b" - "),
            "routellm/evals/mmlu/contaminated_prompts.jsonl": taint, "routellm/evals/mmlu/responses/old/more.csv": b"x\n1\n",
            "routellm/evals/mmlu/domains.py": b"",
        },
        "routellm-gsm8k": {
            "routellm/evals/gsm8k/gsm8k_responses.csv": as_csv(gsm8k), "routellm/evals/gsm8k/test.jsonl": answers,
            "routellm/evals/gsm8k/contaminated_prompts.jsonl": taint,
        },
        "llmrouterbench": {"bench-release.tar.gz": archive()},
        "llmrouterbench-small": {"bench-release.tar.gz": archive()},
    }  # fmt: skip
    assert set(made) == set(sources()), "every source has a small copy of its shape here"
    return made[source_id]
