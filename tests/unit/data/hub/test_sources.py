"""The declarations: complete, consistent, and by design nothing that nobody could check."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from data.hub.base import sources
from data.problems import ProblemError
from data.readers.base import PATH_LIMIT_BYTES


@pytest.mark.parametrize("source_id", sources())
def test_a_declaration_is_sound(source_id: str) -> None:
    """Ids, revisions and checksums have their form; a size is known for every source; files of a pinned one can be checked."""
    source = sources()[source_id]
    assert re.fullmatch(r"[a-z0-9-]+", source.id)
    assert re.fullmatch(r"[\w.-]+/[\w.-]+", source.repository)
    assert source.revision == "" or re.fullmatch(r"[0-9a-f]{40}", source.revision)
    assert all(re.fullmatch(r"[0-9a-f]{64}", wanted.sha256) for wanted in source.files if wanted.sha256)
    assert source.paper == "" or re.fullmatch(r"\d{4}\.\d{5}", source.paper)
    assert source.bytes > 0
    assert source.bytes <= PATH_LIMIT_BYTES or source.unpack is not None
    assert source.about.endswith(".")
    assert source.licence or source.licence_note
    assert source.queries is None or source.counted


def test_all_published_benchmarks_are_there() -> None:
    """The seven benchmarks, some in two parts, each under an id of its own."""
    assert set(sources()) == {
        "routerbench", "routerbench-5shot", "routerarena", "llmrouterbench", "llmrouterbench-small", "embedllm", "mixinstruct",
        "omnisbench", "routellm-mmlu", "routellm-gsm8k",
    }  # fmt: skip


def test_recorded_files_are_the_declared_ones(shared_data) -> None:
    """Size and SHA-256 of the declared files of GitHub are those of the recorded copies."""
    import hashlib

    pairs = {
        "routellm-gsm8k": "routellm_gsm8k", "routellm-mmlu": "routellm_mmlu",
    }  # fmt: skip
    for source_id, folder in pairs.items():
        for wanted in sources()[source_id].files:
            if wanted.pattern:
                continue
            data = (shared_data / folder / wanted.path.rpartition("/")[2]).read_bytes()
            assert (len(data), hashlib.sha256(data).hexdigest()) == (wanted.bytes, wanted.sha256)
    data = (shared_data / "omnisbench" / "2026-08-19_results.json").read_bytes()
    [wanted] = sources()["omnisbench"].files
    assert (len(data), hashlib.sha256(data).hexdigest()) == (wanted.bytes, wanted.sha256)


def test_listing_the_sources_loads_no_client() -> None:
    """What can be fetched is known without importing a client of the network."""
    loaded = "print([m for m in ('huggingface_hub', 'httpx2') if m in sys.modules])"
    code = f"import sys, data.hub; data.hub.sources(); {loaded}"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "[]"


def test_a_wrong_name_is_a_problem() -> None:
    """A name that is none is refused with the list."""
    from data.hub.base import find

    with pytest.raises(ProblemError, match="There are: "):
        find("nothing")
