"""LLMRouterBench: one archive with two sets, as the authors' two configurations choose them.

The archive holds more models and datasets than the paper compares; each set takes what its configuration names
(`config/baseline_config_performance_cost.yaml` and `config/baseline_config.yaml` of github.com/ynulihao/LLMRouterBench).
"""

from functools import partial

from data.hub.base import Source, Wanted
from data.hub.results import Choice, unpacked

_FILE = Wanted(
    path="bench-release.tar.gz",
    bytes=1_283_503_080,
    sha256="b79f8cde1a6f029c2efa663a3a3b6f7748defb22341fe59f328cebef6648c8f1",
)
_REPOSITORY, _REVISION = "NPULH/LLMRouterBench", "0e5af1b84bf73437a01a1849c0f1d2468baa93fc"
_NOTE = (
    "The data set declares none; the README of its code shows an MIT badge. The authors of GPQA, which is part of it, ask that its "
    "questions are not posted as plain text."
)

COSTS = Source(
    id="llmrouterbench",
    title="LLMRouterBench, quality and cost",
    about="Thirteen large models of 2025 on ten benchmarks (HLE, SimpleQA, SWE-bench and others) with scores, tokens and costs.",
    queries=12_446,
    models=13,
    counted="the performance-cost setting of the paper",
    paper="2601.07206",
    home="hub",
    repository=_REPOSITORY,
    revision=_REVISION,
    files=(_FILE,),
    licence_note=_NOTE,
    unpack=partial(
        unpacked,
        choice=Choice(
            datasets=("aime", "livemathbench", "gpqa", "hle", "livecodebench", "mmlupro", "swe-bench", "simpleqa", "tau2", "arenahard"),
            models=(
                "claude-sonnet-4", "deepseek-v3-0324", "deepseek-v3.1-terminus", "deepseek-r1-0528", "gemini-2.5-flash", "gemini-2.5-pro",
                "gpt-5-chat", "gpt-5", "qwen3-235b-a22b-2507", "qwen3-235b-a22b-thinking-2507", "glm-4.6", "kimi-k2-0905", "intern-s1",
            ),
            splits=("test", "hybrid", "v1", "test_3000", "verified"),
        ),
    ),
)  # fmt: skip
SMALL = Source(
    id="llmrouterbench-small",
    title="LLMRouterBench, small models",
    about="Twenty open models of about 7B on fifteen benchmarks with scores and tokens. From the same archive as the other set.",
    queries=11_481,
    models=20,
    counted="the performance setting of the paper",
    paper="2601.07206",
    home="hub",
    repository=_REPOSITORY,
    revision=_REVISION,
    files=(_FILE,),
    licence_note=_NOTE,
    unpack=partial(
        unpacked,
        choice=Choice(
            datasets=(
                "aime", "bbh", "emorynlp", "finqa", "gpqa", "humaneval", "kandk", "korbench", "livecodebench", "math500", "mathbench",
                "mbpp", "medqa", "meld", "mmlupro",
            ),
            models=(
                "cogito-v1-preview-llama-8B", "DeepHermes-3-Llama-3-8B-Preview", "DeepSeek-R1-0528-Qwen3-8B",
                "DeepSeek-R1-Distill-Qwen-7B", "Fin-R1", "gemma-2-9b-it", "glm-4-9b-chat", "GLM-Z1-9B-0414", "granite-3.3-8b-instruct",
                "Intern-S1-mini", "internlm3-8b-instruct", "Llama-3.1-8B-Instruct", "Llama-3.1-8B-UltraMedical",
                "Llama-3.1-Nemotron-Nano-8B-v1", "MiMo-7B-RL-0530", "MiniCPM4.1-8B", "NVIDIA-Nemotron-Nano-9B-v2", "OpenThinker3-7B",
                "Qwen3-8B", "Qwen2.5-Coder-7B-Instruct",
            ),
        ),
    ),
)  # fmt: skip
