"""From a sheet and a mapping to an outcome table."""

from __future__ import annotations

from collections.abc import Mapping as AbstractMapping
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from data.models import ModelCard
from data.outcomes import FIELDS, HistoryLine, Origin, OutcomeTable
from data.problems import refuse
from data.queries import QuerySet
from data.readers import cells, kept
from data.readers.base import ALSO_IN, CONTAMINATED, FILE_COLUMN, Sheet
from data.readers.gather import cells_of_rows, check_cells
from data.readers.mapping import Mapping, check_columns
from data.readers.notes import Notes
from data.splits import has_own
from data.texts import Texts

_META_MOST = 40
_CELL_FIELDS = FIELDS[1:]


def build(sheet: Sheet, mapping: Mapping, notes: Notes, *, name: str, cards: Sequence[ModelCard] = ()) -> OutcomeTable:
    """Return the table of a sheet under a mapping; what is wrong goes to `notes`, and such cells are NaN.

    Raises ProblemError if the mapping names columns that aren't there, or no model at all.
    """
    check_columns(mapping, list(sheet.columns), sheet.file)
    scored = bool({"quality", "answer"} & set(mapping.cells))
    if not scored and not _is_log(mapping) and not (sheet.reader and "model" in mapping.query):
        raise refuse(
            "no model column was found: no scores, and no answers beside a reference.",
            "Map a column of scores for each model, or a model column and a score column.",
            file=sheet.file,
        )
    if scored and "quality" not in mapping.cells and not mapping.query.get("reference"):
        raise refuse("answers need a reference to be scored against.", "Map the column with the right answers.", file=sheet.file)
    table = _long(notes, mapping) if mapping.shape == "long" else _wide(notes, mapping)
    table = _by_token(notes, table) if mapping.cost_per == "token" and table.has("cost_usd") else table
    if not scored:
        what = "nothing says which answers were right: cost, tokens and latency can be looked at, quality cannot."
        notes.warn(what, "Add a score to each call, or a file with references joined by the query's id.")
    if len(table.models) == 1:
        notes.warn(f"there is one model only ({table.models[0]}).", "It can be looked at; routing needs two.")
    _note_log(notes, table)
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
    return table.priced(given, action="prices of the files") if given else table


def _note_log(notes: Notes, table: OutcomeTable) -> None:
    """Say what a log can't tell, where most queries went to one of several models."""
    called = np.array(table.ran)  # a log may score few of its calls
    for values in (each for name, each in table.numbers.items() if name != "propensity"):
        called |= ~np.isnan(values)
    calls = called.sum(axis=1)
    asked, single = int((calls > 0).sum()), int((calls == 1).sum())
    if int(called.any(axis=0).sum()) < 2 or asked < 2 or single <= asked / 2:
        return
    known = table.numbers.get("propensity")
    weighed = known is not None and not bool(np.isnan(known[called]).any())
    how = "all" if single == asked else f"{single:,} of {asked:,}"
    what = (
        f"{how} queries went to one model only: costs, speeds and scores of a model are those of the queries that it got, and "
        "which model would have done better on the same query isn't known."
    )
    unknown = (
        "Nothing says how models were picked, so differences of means are no differences of models: record the probability of each pick "
        "(propensity), or ask several models the same queries."
    )
    fix = "The log says with which probability each model was picked (propensity): weight by it; means alone can't be compared."
    notes.warn(what, fix if weighed else unknown)


def _by_token(notes: Notes, table: OutcomeTable) -> OutcomeTable:
    """Return the table with the prices per token in its cost column multiplied with the tokens that were recorded."""
    total = [table.column("tokens_total", m) for m in range(len(table.models))]
    both = [table.column("tokens_in", m) + table.column("tokens_out", m) for m in range(len(table.models))]
    tokens = np.column_stack([np.where(np.isnan(all_), sum_, all_) for all_, sum_ in zip(total, both, strict=True)])
    if bool(np.isnan(tokens).all()):
        what = "the cost is given per token, but no tokens are recorded."
        notes.whole(what, "Map the columns with the tokens in and out, or choose another unit for the cost.")
    return replace(table, numbers={**table.numbers, "cost_usd": table.numbers["cost_usd"] * tokens})


def _is_log(mapping: Mapping) -> bool:
    """Whether a mapping is of a log of calls without scores: a row a call, with its model and what it used or said."""
    used = {"cost_usd", "latency_s", "tokens_in", "tokens_out", "tokens_total", "response"}
    return mapping.shape == "long" and "model" in mapping.query and bool(used & set(mapping.cells))


def _wide(notes: Notes, mapping: Mapping) -> OutcomeTable:
    sheet, models = notes.sheet, mapping.models
    check_cells(len(sheet), len(models), sheet.file)
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
    wanted = queries.references.arrow() if queries.references is not None else None
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
    queries = _queries(notes, mapping, grid.ids, at=grid.first_of_query)
    values = {role: grid.mean(cells.numbers(notes, mapping, role, column[role])) for role in _CELL_FIELDS if role in column}
    if grid.propensity is not None and not np.isnan(grid.propensity).all():
        values.setdefault("propensity", grid.propensity)
    said = {role: cells.texts_of(notes.sheet, column[role]) for role in ("answer", "response") if role in column}
    reference = mapping.query.get("reference")
    wanted = cells.references(notes.sheet, reference)[0] if reference else None
    short = cells.extracted(said.get("answer", said.get("response")), mapping.scorer, wanted) if said else None
    if "quality" in column:
        quality = cells.numbers(notes, mapping, "quality", column["quality"])
        if mapping.empty_answer_means == "wrong":
            quality = np.nan_to_num(quality, nan=0.0)
    elif "answer" not in column:
        quality = np.full(len(notes.sheet), np.nan)
    else:
        quality = cells.scored(said["answer"], _given(wanted, len(notes.sheet)), mapping.scorer, mapping.empty_answer_means)
        notes.history.append(("scored", f"answers scored against the references: {mapping.scorer}", {"scorer": mapping.scorer}))
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


def _given(wanted: pa.Array | None, length: int) -> pa.Array:
    return pa.nulls(length, pa.large_string()) if wanted is None else wanted


def _queries(notes: Notes, mapping: Mapping, ids: pa.Array, at: NDArray[np.int64] | None = None) -> QuerySet:
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
        tasks = _file_labels(sheet) if task == FILE_COLUMN else cells.texts_of(sheet, task).fill_null("")
    return replace(
        QuerySet.build(ids, tasks=tasks),
        prompts=Texts(texts["prompt"]) if "prompt" in texts else None,
        references=Texts(texts["reference"]) if "reference" in texts else None,
        splits=Texts(texts["split"]) if "split" in texts else None,
        meta=_meta(sheet, mapping),
    )


def _meta(sheet: Sheet, mapping: Mapping) -> dict[str, Texts]:
    used = {column: role for column, (role, _) in mapping.columns.items()}
    stamp = mapping.query.get("timestamp")
    meta = {"timestamp": Texts(cells.texts_of(sheet, stamp))} if stamp else {}
    free = [name for name in sheet.columns if name not in used and name != FILE_COLUMN]
    if mapping.shape == "long":  # other columns may differ between the rows of a query
        free = [name for name in free if name.rsplit(".", 1)[-1].lower() in (CONTAMINATED, "contamination") or name.startswith(ALSO_IN)]
    return {**{name: Texts(cells.texts_of(sheet, name)) for name in free[:_META_MOST]}, **meta}


def _wide_ids(notes: Notes, mapping: Mapping) -> pa.Array:
    sheet, column = notes.sheet, mapping.query.get("query_id", "")
    if not column:
        numbers = pa.array(sheet.rows).cast(pa.large_string())
        return numbers if len(sheet.files) == 1 else _joined(_file_labels(sheet), "-", numbers)
    ids = cells.ids_of(notes, column)
    codes = kept.codes(ids)
    known = np.flatnonzero(codes >= 0)
    first = np.zeros(int(codes.max(initial=-1)) + 1, dtype=np.int64)
    first[codes[known][::-1]] = known[::-1]
    again = np.zeros(len(ids), dtype=np.bool_)
    again[known] = first[codes[known]] != known
    what = (f"the id {ids[i].as_py()!r} is there already, in row {_row(sheet, first[codes[i]]):,}." for i in np.flatnonzero(again).tolist())
    notes.rows(again, what, "Give each query its own id; for repeated answers map a model and a sample column.", column)
    # Repeated ids stay distinct in the preview, so that a table can be shown before they are mended.
    places = _joined(_joined(ids.fill_null(""), " (row ", pa.array(sheet.rows).cast(pa.large_string())), ")")
    return pc.if_else(pa.array(again | (codes < 0)), places, ids)


def _joined(first: pa.Array, between: str, second: pa.Array | None = None) -> pa.Array:
    after = pa.scalar("", pa.large_string()) if second is None else second
    return pc.binary_join_element_wise(first, after, pa.scalar(between, pa.large_string()))


def _row(sheet: Sheet, at: int) -> int:
    return sheet.place(at)[1]


def _file_labels(sheet: Sheet) -> pa.Array:
    """Return (n,) the file of each row by what tells it from the others."""
    return pa.array([file_label(sheet, i) for i in range(len(sheet.files))], type=pa.large_string()).take(pa.array(sheet.source))


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
    wanted = _given(None if queries.references is None else queries.references.arrow(), len(queries))
    out = np.full((len(queries), len(models)), np.nan, dtype=np.float32, order="F")
    for m, model in enumerate(models):
        out[:, m] = cells.scored(said[model], wanted, mapping.scorer, mapping.empty_answer_means)
    notes.history.append(("scored", f"answers scored against the references: {mapping.scorer}", {"scorer": mapping.scorer}))
    return out


def _read_line(sheet: Sheet, mapping: Mapping) -> HistoryLine:
    files = sheet.files[0] if len(sheet.files) == 1 else f"{len(sheet.files)} files"
    encoding = f", {sheet.encoding}" if sheet.encoding else ""
    values: dict[str, Any] = {"files": list(sheet.files), "mapping": mapping.to_json()}
    said = "".join(f"; {warning.what}" for warning in sheet.warnings) if sheet.reader else ""  # a format's own words outlive the upload
    return HistoryLine(action="read", detail=f"{files} ({sheet.format}{encoding}){said}", values=values)
