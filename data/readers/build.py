"""From a sheet and a mapping to an outcome table."""

from __future__ import annotations

from collections.abc import Mapping as AbstractMapping
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from data.models import ModelCard
from data.outcomes import HistoryLine, Origin, OutcomeTable
from data.problems import refuse
from data.queries import QuerySet
from data.readers import cells
from data.readers.base import CONTAMINATED, FILE_COLUMN, Sheet
from data.readers.gather import cells_of_rows
from data.readers.mapping import Mapping, check_columns
from data.readers.notes import Notes
from data.readers.values import labels
from data.splits import has_own
from data.texts import Texts

_META_MOST = 40
_CELL_FIELDS = ("cost_usd", "latency_s", "tokens_in", "tokens_out")


def build(sheet: Sheet, mapping: Mapping, notes: Notes, *, name: str, cards: Sequence[ModelCard] = ()) -> OutcomeTable:
    """Return the table of a sheet under a mapping; what is wrong goes to `notes`, and such cells are NaN.

    Raises ProblemError if the mapping names columns that aren't there, or no model at all.
    """
    check_columns(mapping, list(sheet.columns), sheet.file)
    if not {"quality", "answer"} & set(mapping.cells):
        raise refuse(
            "no model column was found: no scores, and no answers beside a reference.",
            "Map a column of scores for each model, or a model column and a score column.",
            file=sheet.file,
        )
    if "quality" not in mapping.cells and not mapping.query.get("reference"):
        raise refuse("answers need a reference to be scored against.", "Map the column with the right answers.", file=sheet.file)
    table = _long(notes, mapping) if mapping.shape == "long" else _wide(notes, mapping)
    if len(table.models) == 1:
        notes.warn(f"there is one model only ({table.models[0]}).", "It can be looked at; routing needs two.")
    if table.queries.splits is not None and not has_own(table):
        what = "the split column does not name train or test (or validation) for every query, so it is not used."
        notes.warn(
            what,
            "Queries are split at random. To use your own split, name train, validation or test in every row; train and test are needed.",
        )
    origin = Origin(
        name=name,
        source=", ".join(sheet.files[:3]) + (f" and {len(sheet.files) - 3} more files" if len(sheet.files) > 3 else ""),
        scorer=mapping.scorer if "quality" not in mapping.cells else "",
        empty_answer_means=mapping.empty_answer_means,
    )
    lines = [HistoryLine(action=action, detail=detail, values=values) for action, detail, values in notes.history]
    table = replace(table, origin=origin, history=(_read_line(sheet, mapping), *lines))
    given = [card for card in (*cards, *mapping.prices) if card.name in table.models]
    return table.priced(given) if given else table


def _wide(notes: Notes, mapping: Mapping) -> OutcomeTable:
    sheet, models = notes.sheet, mapping.models
    queries = _queries(notes, mapping, _wide_ids(notes, mapping))
    numbers = {role: _matrix(notes, mapping, role, models) for role in _CELL_FIELDS if mapping.cells.get(role)}
    answers = {m: cells.texts_of(sheet, c) for m, c in mapping.cells.get("answer", {}).items() if m in models}
    responses = {m: cells.texts_of(sheet, c) for m, c in mapping.cells.get("response", {}).items() if m in models}
    said = {**responses, **answers}
    if "quality" in mapping.cells:
        quality = _matrix(notes, mapping, "quality", models)
        if mapping.empty_answer_means == "wrong":
            quality = _filled(notes, quality, "score")
    else:
        quality = _scored(notes, mapping, queries, said, models)
    signals = {signal: _columns(notes, mapping, "signal", columns, models) for signal, columns in mapping.signals.items()}
    wanted = queries.references.filled() if queries.references is not None else None
    return OutcomeTable(
        queries=queries,
        models=models,
        numbers={"quality": quality, **numbers},
        signals=signals,
        responses={m: Texts(column) for m, column in {**answers, **responses}.items()},
        answers={m: Texts(cells.extracted(column, mapping.scorer, wanted)) for m, column in said.items()},
    )


def _long(notes: Notes, mapping: Mapping) -> OutcomeTable:
    grid = cells_of_rows(notes, mapping)
    column = {role: next(iter(each.values())) for role, each in mapping.cells.items()}
    queries = _queries(notes, mapping, list(grid.ids), at=grid.first_of_query)
    values = {role: grid.mean(cells.numbers(notes, mapping, role, column[role])) for role in _CELL_FIELDS if role in column}
    said = {role: cells.texts_of(notes.sheet, column[role]) for role in ("answer", "response") if role in column}
    reference = mapping.query.get("reference")
    wanted = labels(cells.references(notes.sheet, reference)[0]) if reference else None
    short = cells.extracted(said.get("answer", said.get("response")), mapping.scorer, wanted) if said else None
    if "quality" in column:
        quality = cells.numbers(notes, mapping, "quality", column["quality"])
        if mapping.empty_answer_means == "wrong":
            quality = np.nan_to_num(quality, nan=0.0)
    else:
        quality = cells.scored(labels(said["answer"]), wanted or [], mapping.scorer, mapping.empty_answer_means)
    signals = {name: grid.mean(cells.numbers(notes, mapping, "signal", next(iter(c.values())))) for name, c in mapping.signals.items()}
    if grid.by_outcome is not None:
        signals["chosen_by_outcome"] = grid.by_outcome
    return OutcomeTable(
        queries=queries,
        models=grid.models,
        numbers={"quality": grid.mean(quality), **values},
        signals=signals,
        responses=grid.texts(said.get("response", said.get("answer"))),
        answers=grid.texts(short),
        samples=grid.samples(quality, short),
    )


def _queries(notes: Notes, mapping: Mapping, ids: list[str], at: NDArray[np.int64] | None = None) -> QuerySet:
    """Return the query set of a sheet; `at` are the rows that stand for the queries where there are several a query."""
    sheet = notes.sheet if at is None else notes.sheet.take(at)
    columns = {role: mapping.query[role] for role in ("prompt", "split") if mapping.query.get(role)}
    texts = {role: cells.texts_of(sheet, column) for role, column in columns.items()}
    if mapping.query.get("reference"):
        texts["reference"], how = cells.references(sheet, mapping.query["reference"])
        if how:
            notes.history.append(("references", f"{how} each solution is its reference", {"column": mapping.query["reference"]}))
    tasks = None
    task = mapping.query.get("task", "")
    if task:
        tasks = [file_label(sheet, i) for i in sheet.source] if task == FILE_COLUMN else labels(sheet.columns[task])
    return replace(
        QuerySet.build(ids, tasks=tasks),
        prompts=Texts(texts["prompt"]) if "prompt" in texts else None,
        references=Texts(texts["reference"]) if "reference" in texts else None,
        splits=Texts(texts["split"]) if "split" in texts else None,
        meta=_meta(sheet, mapping),
    )


def _meta(sheet: Sheet, mapping: Mapping) -> dict[str, Texts]:
    used = mapping.columns
    free = [name for name in sheet.columns if name not in used and name != FILE_COLUMN]
    if mapping.shape == "long":  # other columns may differ between the rows of a query
        free = [name for name in free if name.rsplit(".", 1)[-1].lower() in (CONTAMINATED, "contamination")]
    return {name: Texts(cells.texts_of(sheet, name)) for name in free[:_META_MOST]}


def _wide_ids(notes: Notes, mapping: Mapping) -> list[str]:
    sheet, column = notes.sheet, mapping.query.get("query_id", "")
    if not column:
        several = len(sheet.files) > 1
        numbers = zip(sheet.source.tolist(), sheet.rows.tolist(), strict=True)
        return [f"{file_label(sheet, source)}-{row}" if several else str(row) for source, row in numbers]
    ids = cells.ids_of(notes, column)
    first: dict[str, int] = {}
    again = np.array([bool(text) and first.setdefault(text, i) != i for i, text in enumerate(ids)], dtype=np.bool_)
    places = (sheet.place(first[ids[i]]) for i in np.flatnonzero(again).tolist())
    what = (
        f"the id {ids[i]!r} is there already, in row {row:,}." for i, (_, row) in zip(np.flatnonzero(again).tolist(), places, strict=True)
    )
    notes.rows(again, what, "Give each query its own id; for repeated answers map a model and a sample column.", column)
    # Repeated ids stay distinct in the preview, so that a table can be shown before they are mended.
    return [f"{text} (row {sheet.rows[i]})" if again[i] or not text else text for i, text in enumerate(ids)]


def file_label(sheet: Sheet, source: int) -> str:
    """Return the name of a file without what all files of the sheet share: `anatomy` for `mmlu_anatomy.csv`."""
    stems = [name.rsplit("/", 1)[-1].removesuffix(".gz").rsplit(".", 1)[0] for name in sheet.files]
    if len(set(stems)) < len(stems):
        stems = [name.removesuffix(".gz").rsplit(".", 1)[0] for name in sheet.files]
    if len(stems) == 1:
        return stems[0]
    shared = _common_start(stems)
    cut = max(shared.rfind("_"), shared.rfind("-"), shared.rfind("/")) + 1
    return stems[int(source)][cut:] or stems[int(source)]


def _common_start(texts: Sequence[str]) -> str:
    low, high = min(texts), max(texts)
    return low[: next((i for i, (a, b) in enumerate(zip(low, high, strict=False)) if a != b), min(len(low), len(high)))]


def _matrix(notes: Notes, mapping: Mapping, role: str, models: Sequence[str]) -> NDArray[np.float32]:
    return _columns(notes, mapping, role, mapping.cells[role], models)


def _columns(notes: Notes, mapping: Mapping, role: str, columns: AbstractMapping[str, str], models: Sequence[str]) -> NDArray[np.float32]:
    out = np.full((len(notes.sheet), len(models)), np.nan, dtype=np.float32, order="F")
    for m, model in enumerate(models):
        if model in columns:
            out[:, m] = cells.numbers(notes, mapping, role, columns[model])
    return out


def _filled(notes: Notes, quality: NDArray[np.float32], what: str) -> NDArray[np.float32]:
    empty = np.isnan(quality)
    if empty.any():
        notes.history.append(("empty means wrong", f"{int(empty.sum()):,} empty {what} cells count as 0", {"cells": int(empty.sum())}))
    return np.where(empty, np.float32(0), quality)


def _scored(
    notes: Notes, mapping: Mapping, queries: QuerySet, said: AbstractMapping[str, pa.Array], models: Sequence[str]
) -> NDArray[np.float32]:
    wanted = queries.references.filled() if queries.references is not None else []
    out = np.full((len(queries), len(models)), np.nan, dtype=np.float32, order="F")
    for m, model in enumerate(models):
        out[:, m] = cells.scored(labels(said[model]), wanted, mapping.scorer, mapping.empty_answer_means)
    notes.history.append(("scored", f"answers scored against the references: {mapping.scorer}", {"scorer": mapping.scorer}))
    return out


def _read_line(sheet: Sheet, mapping: Mapping) -> HistoryLine:
    files = sheet.files[0] if len(sheet.files) == 1 else f"{len(sheet.files)} files"
    encoding = f", {sheet.encoding}" if sheet.encoding else ""
    values: dict[str, Any] = {"files": list(sheet.files), "mapping": mapping.to_json()}
    return HistoryLine(action="read", detail=f"{files} ({sheet.format}{encoding})", values=values)
