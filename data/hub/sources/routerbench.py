"""RouterBench: recorded answers, scores and costs of eleven models, zero-shot and with five examples.

Revision, sizes and checksums are those of the two published pickles; the card of the data set declares no licence.
"""

from data.hub.base import Source, Wanted

_REVISION = "784021482c3f320c6619ed4b3bb3b41a21424fcb"
_NOTE = "The data set's card declares none; the MIT licence is that of its code."

ZERO_SHOT = Source(
    id="routerbench",
    title="RouterBench",
    about="Answers of eleven models of early 2024 to eight benchmarks (MMLU, GSM8K, HellaSwag and others), with scores and costs.",
    queries=36_497,
    models=11,
    counted="rows and models of routerbench_0shot.pkl",
    paper="2403.12031",
    home="hub",
    repository="withmartian/routerbench",
    revision=_REVISION,
    files=(
        Wanted(
            path="routerbench_0shot.pkl",
            bytes=99_567_659,
            sha256="ba4f77f19517610a707c374e99322d7750c30fc4ae7ff5527888595a1e65d36d",
        ),
    ),
    licence_note=_NOTE,
)
FIVE_SHOT = Source(
    id="routerbench-5shot",
    title="RouterBench, five examples",
    about="The same models and benchmarks as RouterBench, asked with five solved examples before each question.",
    queries=36_511,
    models=11,
    counted="rows and models of routerbench_5shot.pkl",
    paper="2403.12031",
    home="hub",
    repository="withmartian/routerbench",
    revision=_REVISION,
    files=(Wanted(path="routerbench_5shot.pkl", sha256="fbd7d3d16fba2759a18fa0ad44409d3e0e92ba80d03d90827eed1a6d084c9ffe"),),
    licence_note=_NOTE,
    about_bytes=170_000_000,
)
