"""Zip archives: their readable files as one set, within the same size limit as files chosen one by one."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import PurePosixPath

from data.problems import refuse
from data.readers.base import Upload
from data.readers.unpack import too_big

READABLE = (".csv", ".tsv", ".txt", ".jsonl", ".ndjson", ".json", ".parquet", ".pq", ".yaml", ".yml")
FILES_MOST = 500
_BROKEN = (zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError, EOFError, OSError, ValueError)
_SPREADSHEETS = (".xlsx", ".xlsm", ".ods")


def expanded(uploads: Sequence[Upload], limit_bytes: int) -> tuple[Upload, ...]:
    """Return the uploads with each zip archive replaced by the readable files in it, sorted by path.

    Raises ProblemError for a damaged or locked archive, one without tables, and one that unpacks to more than the limit.
    """
    return tuple(file for upload in uploads for file in (_members(upload, limit_bytes) if _is_zip(upload) else (upload,)))


def readable(name: str) -> bool:
    """Whether a file in a folder or archive may be a table, by its extension; hidden files are none."""
    path = PurePosixPath(name)
    return Upload(name, b"").suffix in READABLE and not any(part.startswith((".", "__MACOSX")) for part in path.parts)


def _is_zip(upload: Upload) -> bool:
    return upload.data.startswith(b"PK\x03\x04") and upload.suffix not in _SPREADSHEETS


def _members(upload: Upload, limit_bytes: int) -> list[Upload]:
    try:
        with zipfile.ZipFile(io.BytesIO(upload.data)) as archive:
            return _read(archive, upload.name, limit_bytes)
    except _BROKEN as error:
        what = f"the archive can't be opened ({type(error).__name__})."
        raise refuse(what, "Unpack it, and choose its files together.", file=upload.name) from None


def _read(archive: zipfile.ZipFile, name: str, limit_bytes: int) -> list[Upload]:
    members = sorted((each for each in archive.infolist() if readable(each.filename)), key=lambda each: each.filename)
    if not members:
        raise refuse("the archive holds no table.", f"It may hold {', '.join(READABLE)} and .gz of these.", file=name)
    if len(members) > FILES_MOST:
        raise refuse(f"the archive holds {len(members):,} files; {FILES_MOST} are the most.", "Put them into one table.", file=name)
    files: list[Upload] = []
    left = limit_bytes
    for member in members:
        with archive.open(member) as stream:
            data = stream.read(left + 1)  # what the archive says of its sizes is not believed
        left -= len(data)
        if left < 0:
            raise too_big(name, limit_bytes)
        files.append(Upload(member.filename, data))
    return files
