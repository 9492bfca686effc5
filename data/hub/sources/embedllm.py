"""EmbedLLM: whether each of 112 open models was right; the test part, as the training part alone is larger than can be read at once.

Of 35,673 questions the authors' test.csv holds 388,528 rows, so 3,469 for each of the 112 models (a question counts again for each
variant of a task that lists it).
"""

from data.hub.base import Source, Wanted

TEST = Source(
    id="embedllm",
    title="EmbedLLM, test part",
    about="Right or wrong for 112 open models on questions of ten benchmarks. No answers, tokens or costs.",
    queries=3_469,
    models=112,
    counted="rows a model of test.csv; all parts have 35,673 questions",
    paper="2410.02223",
    home="hub",
    repository="RZ412/EmbedLLM",
    revision="266ae3e180ccb533c86afc9cfb2f5db99d171aea",
    files=(Wanted(path="test.csv"),),
    licence="Apache-2.0",
    licence_note="The licence of the data set's card.",
    about_bytes=275_000_000,
)
