"""OmnisBench: runs of routing policies over four models of 2026, with prices; two of the models are seen at random only."""

from data.hub.base import Source, Wanted

RUN = Source(
    id="omnisbench",
    title="OmnisBench, 19 August 2026",
    about="HumanEval and 200 questions of GSM8K under four policies: two models for all of them, two where a random policy chose them.",
    queries=364,
    models=4,
    counted="questions and models of the run's results.json",
    home="github",
    repository="Fortitude-Group/OmnisBench",
    revision="15674d9b2d76f8cbd4dc7bdb0dc85ffac50f1657",
    files=(
        Wanted(
            path="runs/2026-08-19/results.json",
            bytes=1_598_144,
            sha256="1748fadc6b0ee00a9e17210fdc784ed514f1201a0bac386d2ddf281c253a33a7",
        ),
    ),
    licence="Apache-2.0",
    licence_note="The licence of the repository.",
)
