"""`load`: from a path, some uploads or the name of a bundled set to an outcome table."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from data.models import ModelCard
from data.outcomes import OutcomeTable
from data.problems import listed, refuse
from data.readers.archive import ARCHIVE, READABLE, readable
from data.readers.base import FILES_MOST, Upload
from data.readers.base import PATH_LIMIT_BYTES as LIMIT_BYTES
from data.readers.mapping import checked_scale, words_for_missing

if TYPE_CHECKING:
    from data.history import History
    from data.readers.base import Reading

Source: TypeAlias = "str | Path | Upload | Sequence[str | Path | Upload]"
Prices: TypeAlias = "Mapping[str, ModelCard | tuple[float, float]] | Sequence[ModelCard]"


def load(
    source: Source,
    *,
    roles: Mapping[str, Any] | None = None,
    scale: tuple[float, float] | None = None,
    scorer: str | None = None,
    missing: Sequence[str | float] | str | float = (),
    prices: Prices | None = None,
    name: str | None = None,
    history: str | Path | History | None = None,
) -> OutcomeTable:
    """Return the outcome table of a file, a folder, several files or a zip (one set), or a bundled set by its name.

    A set that was saved in the app is opened by its id, as it was saved: mapped, priced, repaired.

    roles : column names by role where they aren't recognised: query_id, prompt, reference, task, split, model, sample,
        policy; and for each model quality, answer, response, cost_usd, latency_s, tokens_in, tokens_out as
        {model: column}; signal as {signal: {model: column}}.
    scale : (lowest, highest) score, rescaled linearly to 0..1. scorer : how answers are compared with the reference.
    missing : words or numbers that mean "not recorded", such as -1.
    prices : model -> (USD per million tokens in, out), or cards.
    history : what was exported from an earlier version (a path, or its text): mapping, prices, repairs and names are applied again;
        what no longer fits is a line of the table's history (`data.history.replay` says it step by step).
    Raises ProblemError with file, row and column of everything that is in the way.
    """
    from data.readers.detect import finish

    absent = words_for_missing(missing)
    if history is not None:
        from data.history import replay

        if roles or scale or scorer or absent:
            raise refuse("the history has the roles already.", "Leave out roles, scale, scorer and missing.")
        replayed = replay(history, source, name=name or "").table
        return replayed.priced(_cards(prices), recompute=True) if prices else replayed
    if not (roles or scale or scorer or absent or prices) and (table := _in_parts(source, name or "")) is not None:
        return table
    reading = opened(source, name=name or "")
    if isinstance(reading, OutcomeTable):
        if roles or scale or scorer or absent:
            raise refuse("a stored table has its roles already.", "Leave out roles, scale, scorer and missing.")
        return reading.priced(_cards(prices), recompute=True) if prices else reading
    mapping = reading.mapping if roles is None else reading.mapping.with_roles(roles)
    if scale is not None:
        mapping = replace(mapping, scale=checked_scale(scale))
    if scorer is not None:
        from data.scoring import find

        mapping = replace(mapping, scorer=find(scorer).id)
    if absent:
        mapping = replace(mapping, missing=absent)
    if prices:
        mapping = replace(mapping, prices=_cards(prices))
    return finish(reading, mapping)


def opened(source: Source, *, name: str = "") -> Reading | OutcomeTable:
    """Return a stored table (bundled, or saved in the app) as it is, and of files what was understood of them."""
    from data.readers.detect import inspect

    stored = _stored(source)
    if stored is None:
        return inspect(uploads(source), name=name or _name(source), limit_bytes=LIMIT_BYTES)
    return replace(stored, origin=replace(stored.origin, name=name), stored_fingerprint=stored.fingerprint) if name else stored


def uploads(source: Source) -> tuple[Upload, ...]:
    """Return the files of a source with their bytes; a folder gives every readable file in it, sorted by path.

    Several paths are named by their files alone where these differ, else by what tells them apart, from their common folder on.
    Raises ProblemError for a path that doesn't exist, a folder without readable files, or too much at once.
    """
    if isinstance(source, Upload):
        return (source,)
    if isinstance(source, (str, Path)):
        return _of_path(Path(source))
    common = _common_folder([each for each in source if isinstance(each, (str, Path))])
    return tuple(upload for each in source for upload in (uploads(each) if isinstance(each, Upload) else _of_path(Path(each), common)))


def _common_folder(paths: Sequence[str | Path]) -> Path | None:
    """Return the folder that files of the same name have in common, None where their names tell them apart."""
    files = [Path(each).resolve() for each in paths if Path(each).is_file()]
    if len({file.name for file in files}) == len(files):
        return None
    return Path(os.path.commonpath([file.parent for file in files]))


def bundled() -> tuple[str, ...]:
    """Return the names of the sets that come with the program, the one that the app opens with first."""
    from data.bundled import names

    return names()


def _stored(source: Source) -> OutcomeTable | None:
    if not isinstance(source, (str, Path)):
        return None
    from data.stores.columns import is_stored, open_table

    if isinstance(source, str) and source in bundled():
        from data import bundled as sets

        return sets.opened(source)
    path = Path(source)
    if isinstance(source, str) and not path.exists():
        from data.stores import home

        return home.get(source) if home.is_id(source) else None
    return open_table(path) if is_stored(path) else None


def _of_path(path: Path, common: Path | None = None) -> tuple[Upload, ...]:
    if path.is_dir():
        inside = sorted(each for each in path.rglob("*") if each.is_file())
        files = [each for each in inside if readable(str(each.relative_to(path))) or each.suffix.lower() == ARCHIVE]
        if not files:
            raise refuse("the folder holds no table.", f"It may hold {', '.join(READABLE)} and .gz of these.", file=str(path))
        if len(files) > FILES_MOST:
            raise refuse(f"the folder holds {len(files):,} files; {FILES_MOST} are the most.", "Put them into one table.", file=str(path))
        return tuple(_read(file, str(file.relative_to(path).as_posix())) for file in files)
    if not path.is_file():
        known = bundled()
        raise refuse(f"there is no file and no bundled set {str(path)!r}.", f"Bundled sets: {listed(known) or 'none'}.")
    return (_read(path, path.name if common is None else path.resolve().relative_to(common).as_posix()),)


def _in_parts(source: Source, name: str) -> OutcomeTable | None:
    """Return the table of one long Parquet file of very many rows, which is read in parts; None for anything else."""
    if not isinstance(source, (str, Path)) or Path(source).suffix.lower() != ".parquet" or not Path(source).is_file():
        return None
    from data.readers.streamed import streamed

    return streamed(Path(source), name=name)


def _read(path: Path, shown: str) -> Upload:
    if path.stat().st_size > LIMIT_BYTES:
        from data.readers.unpack import too_big

        raise too_big(shown, LIMIT_BYTES)
    return Upload(shown, path.read_bytes())


def _name(source: Source) -> str:
    return Path(source).name if isinstance(source, (str, Path)) and Path(source).is_dir() else ""


def _cards(prices: Prices | None) -> tuple[ModelCard, ...]:
    if not prices:
        return ()
    if not isinstance(prices, Mapping):
        return tuple(prices)
    return tuple(
        card
        if isinstance(card, ModelCard)
        else ModelCard(name=model, price_in_usd_per_mtok=float(card[0]), price_out_usd_per_mtok=float(card[1]), tier="typed")
        for model, card in prices.items()
    )
