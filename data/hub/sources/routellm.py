"""RouteLLM's evaluation files: GPT-4 and Mixtral on MMLU and on GSM8K, with the prompts that the authors leave out as contaminated."""

from data.hub.base import Source, Wanted

_REPOSITORY, _REVISION = "lm-sys/RouteLLM", "0b64fdafe049e596a3f5657c219329f24af24198"
_LICENCE, _NOTE = "Apache-2.0", "The licence of the repository; the questions are MIT."

MMLU = Source(
    id="routellm-mmlu",
    title="RouteLLM, MMLU",
    about="Right or wrong for GPT-4 and Mixtral 8x7B on the questions of MMLU, by subject. No tokens or costs.",
    queries=14_042,
    models=2,
    counted="rows of the 57 files",
    paper="2406.18665",
    home="github",
    repository=_REPOSITORY,
    revision=_REVISION,
    files=(
        Wanted(path="routellm/evals/mmlu/responses/*.csv"),
        Wanted(
            path="routellm/evals/mmlu/contaminated_prompts.jsonl",
            bytes=4_498,
            sha256="9606c968198eabf5efa46ccba31286392c8e35525d83c86661618ffc5ec6d40e",
        ),
    ),
    licence=_LICENCE,
    licence_note=_NOTE,
    about_bytes=6_757_295,
)
GSM8K = Source(
    id="routellm-gsm8k",
    title="RouteLLM, GSM8K",
    about="Answers of GPT-4 and Mixtral 8x7B to the word problems of GSM8K, with references. No tokens or costs.",
    queries=1_319,
    models=2,
    counted="rows of gsm8k_responses.csv",
    paper="2406.18665",
    home="github",
    repository=_REPOSITORY,
    revision=_REVISION,
    files=(
        Wanted(
            path="routellm/evals/gsm8k/gsm8k_responses.csv",
            bytes=1_291_062,
            sha256="1f38ed03db354a020f71e92022383dc3cf37bbf2694dea4daaeea7b6c43fe57b",
        ),
        Wanted(
            path="routellm/evals/gsm8k/test.jsonl",
            bytes=749_738,
            sha256="3730d312f6e3440559ace48831e51066acaca737f6eabec99bccb9e4b3c39d14",
        ),
        Wanted(
            path="routellm/evals/gsm8k/contaminated_prompts.jsonl",
            bytes=6_282,
            sha256="1f5a7be02148ee0f7f306d233ba76a6573c826cee9499a34f8ef938a1a84c234",
        ),
    ),
    licence=_LICENCE,
    licence_note=_NOTE,
)
