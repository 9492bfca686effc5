"""Every sample is one format's and no other's."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from data.problems import ProblemError
from data.readers import inspect_log, nested
from data.readers.base import LIMIT_BYTES, Sheet, Upload
from data.readers.formats.base import Document, formats
from data.readers.profile import profiles
from data.readers.tables import decode
from tests.published import SHAPES

DOCUMENTS = {
    "aider_swebench_cascade/predictions/*__*.json": "aider",
    "log_formats/inspect_ai/*.eval": "inspect_ai",
    "log_formats/inspect_ai/*.json": "inspect_ai",
    "log_formats/langfuse/*.json": "langfuse",
    "log_formats/litellm/*.json": "litellm",
    "log_formats/mini_swe_agent/*.json": "mini_swe_agent",
    "log_formats/openai_batch/*.jsonl": "openai_batch",
    "log_formats/otel_genai/*.json": "otel",
    "misguided_attention/*.json": "misguided",
    "planbench_blocksworld/*/*.json": "planbench",
    "reflexion_humaneval/*.jsonl": "reflexion",
    "tot_game24/*.json": "tot",
    "zeroeval_crux/result_dirs/*.json": "zeroeval",
}
TABLES = {
    "llmrouter_9models/t*.json": "llmrouter",
    "omnisbench/*_results.json": "omnisbench",
    "routellm_gsm8k/*.csv": "routellm",
    "routellm_mmlu/responses/mmlu_a*.csv": "routellm",
}
NOT_ONE = ("LICENSE", "default_")


def knowing(document: Document) -> list[str]:
    """Return the formats that say that a document is theirs; what it holds is data, so a check that fails on it says no."""
    found = []
    for each in formats().values():
        try:
            found += [each.id] if each.knows(document) else []
        except (KeyError, TypeError, AttributeError, IndexError, ValueError):
            continue
    return found


def guessing(sheet: Sheet) -> list[str]:
    """Return the formats that say that a table is theirs."""
    found = profiles(sheet)
    return [each.id for each in formats().values() if each.guess(sheet, found) is not None]


def documents(upload: Upload) -> list[Document]:
    """Return a file as the document that its formats are shown: whole, or for JSONL its first lines; none for a table."""
    text = inspect_log.document(upload, LIMIT_BYTES) or (upload.data.decode() if upload.suffix in (".json", ".jsonl") else "")
    if not text:
        return []
    if upload.suffix == ".jsonl":
        return [Document(file=upload.name, value=nested.head(text), lines=True)]
    return [Document(file=upload.name, value=json.loads(text))]


def files(shared_data: Path, pattern: str) -> list[Upload]:
    """Return the files of a pattern; there has to be one."""
    found = [path for path in sorted(shared_data.glob(pattern)) if not path.name.startswith(NOT_ONE)]
    assert found, pattern
    return [Upload(path.name, path.read_bytes()) for path in found]


@pytest.mark.parametrize(("pattern", "wanted"), DOCUMENTS.items())
def test_a_recorded_document_is_one_formats(shared_data, pattern, wanted):
    """Of all formats exactly the one that reads a recorded file knows it."""
    for upload in files(shared_data, pattern):
        for document in documents(upload):
            assert (upload.name, knowing(document)) == (upload.name, [wanted])


@pytest.mark.parametrize(("pattern", "wanted"), TABLES.items())
def test_a_recorded_table_is_one_formats(shared_data, pattern, wanted):
    """Of all formats exactly the one that reads a recorded table guesses its columns, and none takes it for a document."""
    for upload in files(shared_data, pattern):
        assert (upload.name, [name for each in documents(upload) for name in knowing(each)]) == (upload.name, [])
        sheet = decode(upload)
        assert isinstance(sheet, Sheet)
        assert (upload.name, guessing(sheet)) == (upload.name, [wanted])


def test_no_recorded_file_is_two_formats(shared_data):
    """Whatever else lies in the recorded folders belongs to one format at the most: by its content, or by its columns."""
    for path in sorted(shared_data.rglob("*")):
        if path.suffix not in (".json", ".jsonl", ".eval", ".csv", ".yaml") or path.stat().st_size > 3 << 20:
            continue
        upload = Upload(path.name, path.read_bytes())
        known = {name for each in documents(upload) for name in knowing(each)}
        assert len(known) <= 1, path
        if not known and "predictions" not in path.parts:
            try:
                sheet = decode(upload)
            except ProblemError:
                continue
            assert isinstance(sheet, Sheet)
            assert len(guessing(sheet)) <= 1, path


@pytest.mark.parametrize("shape", SHAPES)
def test_a_published_shape_is_one_formats(shape):
    """Of all formats exactly one knows a sample of a published shape: a document by its content, a table by its columns."""
    for upload in SHAPES[shape]():
        asked = documents(upload)
        if asked:
            assert [knowing(each) for each in asked] == [[shape]]
        else:
            sheet = decode(upload)
            assert isinstance(sheet, Sheet)
            assert guessing(sheet) == [shape]


def test_every_format_has_a_sample_here():
    """A new format adds its sample to the lists of this file, so that it is compared with all others."""
    assert set(formats()) <= {*DOCUMENTS.values(), *TABLES.values(), *SHAPES}
