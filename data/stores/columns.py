"""A table as a folder: meta.json, numbers and texts as Parquet, features as .npy. No pickle anywhere.

meta.json        models, cards, origin, history, names of columns, fingerprint
numbers.parquet  one float32 column a field (or signal) and model, and the task codes
numbers/*.npy    instead, where the folder is to be memory-mapped: a float32 (n, M) matrix a field, column after column
texts.parquet    one column a text; read one by one when somebody looks at it
samples.parquet  repeated answers, if there are any
features/*.npy   (n, d) arrays, memory-mapped where they are float32
"""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, fields
from functools import partial
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from data.models import ModelCard
from data.outcomes import FIELDS, HistoryLine, Origin, OutcomeTable
from data.problems import refuse
from data.queries import QuerySet
from data.samples import Samples
from data.texts import Texts

VERSION = 1
_META = "meta.json"
_SAMPLES = ("query", "model", "quality", "code")


def is_stored(folder: Path) -> bool:
    """Whether a folder holds a stored table."""
    return (folder / _META).is_file()


def save(table: OutcomeTable, folder: Path | str, *, features: Literal["float16", "float32"] = "float32", mapped: bool = False) -> Path:
    """Write a table into a folder of its own and return it; an older one there is replaced once all is written.

    features : "float16" halves what embeddings take; they are read back as float32. mapped : numbers are not compressed, so that
    `open_table` reads none of them before somebody looks: for tables that are large beside the memory.
    """
    with writing(folder) as new:
        if mapped:
            for name, values in _named(table).items():
                room(new, name, values.shape)[:] = values
        write_into(new, table, features=features, mapped=mapped)
    return Path(folder)


@contextmanager
def writing(folder: Path | str) -> Iterator[Path]:
    """Give a new folder to write a table into, which takes the place of an older one once all is written."""
    folder = Path(folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".writing-") as scratch:
        new = Path(scratch) / "table"
        new.mkdir()
        yield new
        if folder.exists():
            shutil.rmtree(folder)
        new.rename(folder)


def room(folder: Path, name: str, shape: tuple[int, ...]) -> NDArray[np.float32]:
    """Return the (n, M) matrix of a field, or of "signal margin" and the like, as a mapped file of a folder: what is written is there."""
    (folder / "numbers").mkdir(exist_ok=True)
    return np.lib.format.open_memmap(_file_of(folder, name), mode="w+", dtype=np.float32, shape=shape, fortran_order=True)


def write_into(new: Path, table: OutcomeTable, *, features: Literal["float16", "float32"] = "float32", mapped: bool = False) -> None:
    """Write a table into an empty folder; mapped : all but its numbers, which have their `room` there."""
    texts = _texts_of(table)
    _write(_tasks_of(table) if mapped else {**_numbers_of(table), **_tasks_of(table)}, new / "numbers.parquet")
    _write_rest(new, table, texts, features)
    meta = {**_meta_of(table, list(texts)), "mapped": mapped}
    (new / _META).write_text(json.dumps(meta, ensure_ascii=False, indent=1, default=_plain), encoding="utf-8")


def _write_rest(new: Path, table: OutcomeTable, texts: Mapping[str, Texts], features: str) -> None:
    _write({f"t{i}": text.arrow() for i, text in enumerate(texts.values())}, new / "texts.parquet")
    if table.samples is not None:
        _write({name: pa.array(getattr(table.samples, name)) for name in _SAMPLES}, new / "samples.parquet")
    (new / "features").mkdir()
    for i, values in enumerate(table.features.values()):
        np.save(new / "features" / f"{i}.npy", np.ascontiguousarray(values, dtype=features), allow_pickle=False)


def open_table(folder: Path | str) -> OutcomeTable:
    """Return the table of a folder; texts stay on disk until somebody looks, the fingerprint is the stored one.

    Raises ProblemError if the folder holds no table, one of another version, or a damaged one.
    """
    folder = Path(folder)
    if not is_stored(folder):
        raise refuse("the folder holds no stored table.", f"It has no {_META}.", file=folder.name)
    try:
        meta = json.loads((folder / _META).read_text(encoding="utf-8"))
        if meta.get("version") != VERSION:
            raise refuse(
                f"the stored table has version {meta.get('version')!r}, not {VERSION}.", "Load its source again.", file=folder.name
            )
        return _table(folder, meta)
    except MemoryError:
        what = "the stored table is larger than the memory that is free."
        raise refuse(
            what, "Save it mapped (`save(..., mapped=True)`): then numbers are read where they are looked at.", file=folder.name
        ) from None
    except (ValueError, KeyError, TypeError, OSError, pa.ArrowException) as error:
        raise refuse(f"the stored table is damaged ({type(error).__name__}).", "Load its source again.", file=folder.name) from None


def _table(folder: Path, meta: Mapping[str, Any]) -> OutcomeTable:
    import pyarrow.parquet as pq

    columns = pq.read_table(folder / "numbers.parquet", memory_map=True)
    models, count = tuple(meta["models"]), int(meta["queries"])
    matrix = partial(_mapped, folder, (count, len(models))) if meta.get("mapped") else partial(_matrix, columns, len(models))
    texts = {name: Texts(partial(_text, folder, i), count) for i, name in enumerate(meta["texts"])}
    tasks = columns.column("task").to_numpy().astype(np.int32) if "task" in columns.column_names else None
    return OutcomeTable(
        queries=QuerySet(
            ids=texts["id"],
            prompts=texts.get("prompt"),
            references=texts.get("reference"),
            tasks=tasks,
            task_names=tuple(meta["task_names"]),
            splits=texts.get("split"),
            meta=_group(texts, "meta"),
        ),
        models=models,
        numbers={name: matrix(name) for name in meta["numbers"]},
        signals={name: matrix(f"signal {name}") for name in meta["signals"]},
        features={name: _feature(folder / "features" / f"{i}.npy") for i, name in enumerate(meta["features"])},
        responses=_group(texts, "response"),
        answers=_group(texts, "answer"),
        samples=_samples(folder) if meta["samples"] else None,
        cards=tuple(ModelCard.from_json(card) for card in meta["cards"]),
        origin=Origin(**meta["origin"]),
        history=tuple(HistoryLine(**line) for line in meta["history"]),
        role=meta["role"],
        cost_unit=meta["cost_unit"],
        stored_fingerprint=meta["fingerprint"],
    )


def _meta_of(table: OutcomeTable, texts: list[str]) -> dict[str, Any]:
    return {
        "version": VERSION,
        "fingerprint": table.fingerprint,
        "queries": len(table),
        "models": list(table.models),
        "task_names": list(table.queries.task_names),
        "numbers": [name for name in FIELDS if name in table.numbers],
        "signals": list(table.signals),
        "features": list(table.features),
        "texts": texts,
        "samples": table.samples is not None,
        "cards": [card.to_json() for card in table.cards],
        "origin": asdict(table.origin),
        "history": [{each.name: getattr(line, each.name) for each in fields(line)} for line in table.history],
        "role": table.role,
        "cost_unit": table.cost_unit,
    }


def _named(table: OutcomeTable) -> dict[str, NDArray[np.float32]]:
    return {**table.numbers, **{f"signal {name}": values for name, values in table.signals.items()}}


def _numbers_of(table: OutcomeTable) -> dict[str, pa.Array]:
    return {f"{name}|{m}": pa.array(values[:, m]) for name, values in _named(table).items() for m in range(len(table.models))}


def _tasks_of(table: OutcomeTable) -> dict[str, pa.Array]:
    return {} if table.queries.tasks is None else {"task": pa.array(table.queries.tasks)}


def _texts_of(table: OutcomeTable) -> dict[str, Texts]:
    """Return name -> texts of all columns: `id`, `prompt`, `response|<model>`, `meta|<column>`, ..."""
    queries = table.queries
    single = {"id": queries.ids, "prompt": queries.prompts, "reference": queries.references, "split": queries.splits}
    texts = {name: column for name, column in single.items() if column is not None}
    for kind, group in (("meta", queries.meta), ("response", table.responses), ("answer", table.answers)):
        texts.update({f"{kind}|{name}": column for name, column in group.items()})
    return texts


def _write(columns: Mapping[str, pa.Array], path: Path) -> None:
    import pyarrow.parquet as pq

    plain = {n: (c.combine_chunks() if isinstance(c, pa.ChunkedArray) else c) for n, c in columns.items()}
    pq.write_table(pa.table(plain), path, compression="zstd", compression_level=9)


def _text(folder: Path, position: int) -> pa.Array:
    import pyarrow.parquet as pq

    column = pq.read_table(folder / "texts.parquet", columns=[f"t{position}"]).column(0)
    return column.cast(pa.large_string()).combine_chunks()


def _group(texts: Mapping[str, Texts], kind: str) -> dict[str, Texts]:
    return {name.split("|", 1)[1]: column for name, column in texts.items() if name.startswith(f"{kind}|")}


def _mapped(folder: Path, shape: tuple[int, int], name: str) -> NDArray[np.float32]:
    values = np.load(_file_of(folder, name), mmap_mode="r", allow_pickle=False)
    if values.shape != shape or values.dtype != np.float32:
        msg = f"{name} has the shape {values.shape}"
        raise ValueError(msg)
    return np.asarray(values)


def _file_of(folder: Path, name: str) -> Path:
    """Return the file of a field; a signal's name is anybody's, so it is no part of a path."""
    return folder / "numbers" / f"{name if name in FIELDS else 's' + hashlib.blake2b(name.encode(), digest_size=8).hexdigest()}.npy"


def _matrix(columns: pa.Table, models: int, name: str) -> NDArray[np.float32]:
    out = np.empty((len(columns), models), dtype=np.float32, order="F")
    for m in range(models):
        out[:, m] = columns.column(f"{name}|{m}").to_numpy()
    return out


def _feature(path: Path) -> NDArray[np.float32]:
    values = np.load(path, mmap_mode="r", allow_pickle=False)
    return np.asanyarray(values, dtype=np.float32)  # no copy, and still mapped, where it is float32 already


def _samples(folder: Path) -> Samples:
    import pyarrow.parquet as pq

    columns = pq.read_table(folder / "samples.parquet")
    return Samples(**{name: columns.column(name).to_numpy() for name in _SAMPLES})


def _plain(value: Any) -> Any:
    """Return NumPy values and other strangers in a history line as plain JSON ones."""
    if isinstance(value, np.ndarray):
        return value.tolist()
    return value.item() if isinstance(value, np.generic) else str(value)
