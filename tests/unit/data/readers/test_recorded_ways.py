"""One table however the files of a set come: folder, zip, list, other names, other order of columns."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import zipfile

import numpy as np
import pytest

from data import load
from data.cards import facts
from data.load import uploads
from data.outcomes import OutcomeTable
from data.readers.base import Upload
from data.readers.detect import inspect

SETS = {
    "routellm_mmlu": 14042,
    "routellm_gsm8k": 1319,
    "llmrouter_9models": 5608,
    "misguided_attention": 52,
    "planbench_blocksworld": 500,
    "tot_game24": 100,
    "aider_swebench_cascade": 300,
    "reflexion_humaneval": 164,
    "zeroeval_crux": 800,
    "omnisbench": 364,
}


def zipped(files: tuple[Upload, ...]) -> Upload:
    """Return some files as one archive."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for file in files:
            archive.writestr(f"set/{file.name}", file.data)
    return Upload("set.zip", out.getvalue())


def turned(file: Upload) -> Upload:
    """Return a file with the columns, or the keys of each object, the other way round."""
    if file.suffix == ".csv":
        text = file.data.decode().replace("\r\n", "\n").replace("\r", "\ue00d")  # Python's reader takes a lone return for a line's end
        out = io.StringIO(newline="")
        csv.writer(out, lineterminator="\n").writerows(row[::-1] for row in csv.reader(io.StringIO(text, newline="")))
        return Upload(file.name, out.getvalue().replace("\ue00d", "\r").encode())
    if file.suffix == ".jsonl":
        lines = [json.dumps(_turned(json.loads(line))) for line in file.data.decode().split("\n") if line.strip()]
        return Upload(file.name, "\n".join(lines).encode())
    return Upload(file.name, json.dumps(_turned(json.loads(file.data))).encode()) if file.suffix == ".json" else file


def _turned(value: object) -> object:
    if isinstance(value, dict):
        return {key: _turned(value[key]) for key in reversed(value)}
    return [_turned(each) for each in value] if isinstance(value, list) else value


def cells(table: OutcomeTable, *, named: bool = True) -> list[tuple[str, str]]:
    """Return (model, hash of all that is known of it by query), in the order of names of models and queries; no names where they vary."""
    order = np.argsort(np.array(table.queries.ids.to_list())) if named else np.arange(len(table))
    columns = []
    for m, model in enumerate(table.models):
        state = hashlib.sha256()
        for name, values in sorted(table.numbers.items()):
            state.update(name.encode() + np.nan_to_num(values[order, m], nan=-1).tobytes())
        texts = table.responses[model].to_list() if model in table.responses else [None] * len(table)
        state.update("\0".join(texts[i] or "" for i in order).encode())
        columns.append((model if named else "", state.hexdigest()))
    return sorted(columns)


@pytest.mark.no_cover  # long loops of code that other tests cover: counting lines would double their time
@pytest.mark.parametrize("name", SETS)
def test_folder_zip_list_and_turned_columns_are_one_table(shared_data, name):
    """A set is the same table as a folder, as a zip, as a list of its files from the last to the first, and with columns turned."""
    files = uploads(shared_data / name)
    table = load(shared_data / name)
    assert len(table) == SETS[name]
    whole = cells(table)
    assert cells(load(zipped(files))) == whole
    assert cells(load([shared_data / name / file.name for file in files])) == whole
    assert cells(load([turned(file) for file in files])) == whole
    if name != "routellm_mmlu":  # there tasks and ids follow the order of files
        assert cells(load(files[::-1])) == whole


@pytest.mark.parametrize("name", [name for name in SETS if name != "aider_swebench_cascade"])
def test_renamed_copies_are_the_same_table(shared_data, name):
    """Files under names that say nothing, in one folder, give the same values; only models and ids that come from names follow them."""
    files = uploads(shared_data / name)
    copies = [Upload(f"f{i:03}{file.suffix}", file.data) for i, file in enumerate(files)]
    assert cells(load(copies), named=False) == cells(load(files), named=False)


def test_files_of_one_name_are_told_apart(shared_data):
    """Eight files that come without their folders, all of one name, are eight files."""
    files = [Upload("task_1_plan_generation_zero_shot.json", file.data) for file in uploads(shared_data / "planbench_blocksworld")]
    reading = inspect(files)
    assert len({note.name for note in reading.files}) == 8
    assert reading.files[1].name == "task_1_plan_generation_zero_shot (2).json"
    assert reading.table is not None
    assert facts(reading.table).oracle == 1.0


def test_licences_and_scripts_are_no_files_of_a_set(shared_data):
    """Of a folder and of an archive only what may hold data is read."""
    names = {file.name.rsplit("/", 1)[-1] for name in SETS for file in uploads(shared_data / name)}
    assert not any(name.startswith(("LICENSE", "make_")) for name in names)
    archive = zipped((Upload("LICENSE.txt", b"a,b\n1,2\n"), Upload("a.csv", b"id,x,y\n1,1,0\n2,0,1\n")))
    assert [note.name for note in inspect([archive]).files] == ["set/a.csv"]


@pytest.mark.parametrize("name", ["inspect_ai", "langfuse", "litellm", "mini_swe_agent", "openai_batch", "otel_genai"])
def test_log_samples_as_folder_and_zip(shared_data, name):
    """The samples of each log format read as a folder and as a zip alike."""
    folder = shared_data / "log_formats" / name
    mine, theirs = inspect(uploads(folder)), inspect([zipped(uploads(folder))])
    assert (mine.reader, mine.understood) == (theirs.reader, theirs.understood)
    assert mine.table is not None
