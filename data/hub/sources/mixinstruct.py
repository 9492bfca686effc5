"""MixInstruct: what eleven models answered to instructions, scored by likeness to a reference; the test part."""

from data.hub.base import Source, Wanted

TEST = Source(
    id="mixinstruct",
    title="MixInstruct, test part",
    about="Answers of eleven open models of 2023 to instructions, scored by their likeness to one reference. No tokens or costs.",
    queries=5_000,
    models=11,
    counted="the test part as LLM-Blender's README states it",
    paper="2306.02561",
    home="hub",
    repository="llm-blender/mix-instruct",
    revision="c7f77a4ef0515a99d1752c6387c22366d6922da6",
    files=(Wanted(path="test_data_prepared.jsonl", sha256="eda4a320757876a37dfcecb21ec9a53a55bd4e3ad620216c3c777f5b542dfc78"),),
    licence="MIT",
    licence_note="The licence of the data set's card; the instructions come from sets with licences of their own.",
    about_bytes=86_000_000,
)
