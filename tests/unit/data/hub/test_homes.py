"""What the homes say before a download, true, odd and hostile."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from data.hub import fetch, find, homes, net
from data.hub.base import Source, sources
from data.problems import ProblemError
from tests.benchmarks_small import files
from tests.fake_hub import COMMIT, FakeHub, Fault

DECLARED = dict(sources())
ROOT = Path(__file__).resolve().parents[4]


def listed(source: Source) -> homes.Listing:
    """Return the listing of a source."""
    with net.client() as client:
        return homes.listing(source, client)


def test_the_hub_says_sizes_checksums_commit_and_licence(hub: FakeHub) -> None:
    """Of a large file the SHA-256 is taken, never the hash of the pointer to it; the licence is the card's."""
    source = hub.put(DECLARED["routerbench"], files("routerbench"))
    hub.licences[source.repository] = "cc-by-4.0"
    got = listed(source)
    [file] = got.files
    assert (got.commit, got.licence, got.bytes) == (source.revision, "cc-by-4.0", source.bytes)
    assert (file.bytes, file.sha256, file.git_sha1) == (source.bytes, source.files[0].sha256, "")
    assert file.url.endswith(f"/datasets/withmartian/routerbench/resolve/{source.revision}/routerbench_0shot.pkl")


def test_nobody_is_asked_for_anything_else() -> None:
    """In a fresh process the hub is asked about the repository alone: the client's own questions are off."""
    code = """
import os, tempfile
from tests.fake_hub import FakeHub
from tests.benchmarks_small import files
from data.hub import base, fetch
from data.hub.base import sources
with FakeHub() as hub:
    os.environ.update({**hub.addresses, "NO_PROXY": "127.0.0.1,localhost", "ROUTESCOPE_HOME": tempfile.mkdtemp()})
    hub.put(sources()["routerbench"], files("routerbench"))
    base.sources = lambda: hub.sources
    fetch("routerbench")
    print(*sorted({path.split("/")[1] + "/" + path.split("/")[2] for _, path, _ in hub.calls}))
    print(next(headers["user-agent"] for headers in hub.asked("/api/")))
"""
    around = {name: value for name, value in os.environ.items() if "TELEMETRY" not in name and name != "HF_HUB_OFFLINE"}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120, cwd=ROOT, env=around)
    asked, agent = done.stdout.splitlines()
    assert asked == "api/datasets cdn/withmartian datasets/withmartian"
    assert agent.startswith("routescope/0.1; hf_hub/")
    assert "torch" not in agent


def test_a_pattern_takes_its_folder_only(hub: FakeHub) -> None:
    """`responses/*.csv` is the CSV files of that folder, without those of folders within it."""
    got = listed(hub.put(DECLARED["routellm-mmlu"], files("routellm-mmlu")))
    assert sorted(file.path.rpartition("/")[2] for file in got.files) == ["contaminated_prompts.jsonl", "mmlu_anatomy.csv", "mmlu_law.csv"]
    assert all(file.git_sha1 for file in got.files)


def test_a_source_without_a_revision_gets_the_newest_commit(hub: FakeHub) -> None:
    """On both homes the commit behind `main` is asked for, and the files are those of that commit."""
    arena = hub.put(DECLARED["routerarena"], files("routerarena"))
    loose = hub.put(replace(DECLARED["mixinstruct"], revision=""), files("mixinstruct"))
    for source in (arena, loose):
        got = listed(source)
        assert got.commit == COMMIT
        assert all(COMMIT in file.url for file in got.files)


def test_a_licence_that_the_hub_says_fills_one_that_is_not_stated(hub: FakeHub) -> None:
    """What the card of the hub says today stands in the set where the declaration has none."""
    source = hub.put(DECLARED["routerbench"], files("routerbench"))
    hub.licences[source.repository] = "mit"
    assert fetch("routerbench").licence == "mit"


def test_metadata_that_contradicts_what_was_published_is_not_trusted(hub: FakeHub) -> None:
    """Another checksum or size at the pinned revision means that nothing is fetched."""
    hub.put(DECLARED["routerbench"], files("routerbench"))
    hub.lie = True
    with pytest.raises(ProblemError, match="another size or checksum"):
        fetch("routerbench")
    assert not hub.asked("/resolve/")


def test_metadata_that_lies_about_an_unpinned_file_is_found_out(hub: FakeHub) -> None:
    """Where only the home says a checksum, bytes that don't have it are thrown away."""
    hub.put(DECLARED["routerarena"], files("routerarena"))
    hub.lie = True
    with pytest.raises(ProblemError, match="not the file that was published"):
        fetch("routerarena")


def test_github_that_answers_no_more_questions_is_not_needed_for_pinned_files(hub: FakeHub) -> None:
    """Over the limit of its interface the files of a pinned source come anyway, as their checksums are declared; others wait."""
    hub.put(DECLARED["routellm-gsm8k"], files("routellm-gsm8k"))
    hub.put(DECLARED["routerarena"], files("routerarena"))
    limit = Fault(status=403, headers={"x-ratelimit-remaining": "0", "retry-after": "1800"})
    hub.faults["/api-github/"] = [limit, limit]
    assert fetch("routellm-gsm8k").queries == 6
    with pytest.raises(ProblemError, match=r"asked too often \(403\).*in 30 minutes"):
        fetch("routerarena")


@pytest.mark.parametrize(
    ("source_id", "fault", "why"),
    [
        ("routerbench", Fault(status=401), r"only to those who may"),
        ("routerbench", Fault(status=403, headers={"X-Error-Code": "GatedRepo"}), "Accept its terms at https://huggingface.co/datasets/withm"),
        ("routerbench", Fault(status=404, headers={"X-Error-Code": "RevisionNotFound"}), "is not there any more at 784021"),
        ("routerbench", Fault(status=429, headers={"Retry-After": "12"}), "in 12 seconds"),
        ("routerbench", Fault(status=500), "trouble of its own"),
        ("routerbench", Fault(body=b"<html>captive portal</html>"), "is not understood"),
        ("routerbench", Fault(body=b"[]"), "is not understood"),
        ("routerbench", Fault(body=json.dumps({"id": "a", "sha": "x", "siblings": []}).encode()), "has no file"),
        ("routerarena", Fault(status=404), "is not there any more at main"),
        ("routerarena", Fault(body=b"<html>login</html>"), "is not understood"),
        ("routerarena", Fault(body=b'{"sha": 7}'), "is not there any more|not understood"),
        ("routellm-mmlu", Fault(body=b'{"tree": [{"path": "a"}]}'), "is not understood"),
        ("routellm-mmlu", Fault(body=b'{"tree": []}'), "has no file"),
    ],
)  # fmt: skip
def test_odd_answers_are_refused_in_words(hub: FakeHub, source_id: str, fault: Fault, why: str) -> None:
    """Gated, gone, busy, another page in between, half an answer: words with a way out, and no download."""
    hub.put(DECLARED[source_id], files(source_id))
    hub.faults["/api"] = [fault]
    with pytest.raises(ProblemError, match=why):
        fetch(source_id)
    assert not hub.asked("/resolve/")
    assert not hub.asked("/raw-github/")


def test_offline_mode_of_the_hubs_own_client(hub: FakeHub, monkeypatch: pytest.MonkeyPatch) -> None:
    """HF_HUB_OFFLINE, which the client reads when it is imported, is told like a missing connection."""
    hub.put(DECLARED["routerbench"], files("routerbench"))
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(ProblemError, match="HF_HUB_OFFLINE is set"):
        fetch("routerbench")


def test_no_answer_in_time(hub: FakeHub, monkeypatch: pytest.MonkeyPatch) -> None:
    """A home that says nothing is given up after a while, and that is told."""
    hub.put(DECLARED["routerbench"], files("routerbench"))
    hub.faults["/api/"] = [Fault(slow_s=8)]
    monkeypatch.setattr(homes, "TIMEOUT_S", 0.2)
    with pytest.raises(ProblemError, match="no answer in time"):
        fetch("routerbench")


def test_paths_that_lead_elsewhere_are_refused(hub: FakeHub) -> None:
    """A repository that names a file outside its folder gets nothing written."""
    evil = replace(DECLARED["routellm-mmlu"], files=(replace(DECLARED["routellm-mmlu"].files[0], path="*/*/*.csv"),))
    hub.put(evil, {"../../evil.csv": b"a,b\n1,2\n"})
    with pytest.raises(ProblemError, match="no file of a published benchmark"):
        fetch("routellm-mmlu")
    assert find("routellm-mmlu")
