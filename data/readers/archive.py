"""What of some files is read: the readable ones of a zip archive or folder, each with a name of its own."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import PurePosixPath

from data.problems import refuse
from data.readers.base import FILES_MOST, Upload
from data.readers.unpack import too_big

READABLE = (".csv", ".tsv", ".txt", ".jsonl", ".ndjson", ".json", ".parquet", ".pq", ".yaml", ".yml", ".xlsx", ".xlsm", ".eval", ".pkl")
ARCHIVE = ".zip"
_BROKEN = (zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError, EOFError, OSError, ValueError)
_ABOUT = ("license", "licence", "notice", "copying", "readme", "requirements", "changelog", "authors", "contributing")
# Documents that are zip archives inside, by what they hold, so that a renamed copy is known too: spreadsheets, logs of Inspect AI.
_PARTS_OF_ONE = ("[Content_Types].xml", "mimetype", "_journal/start.json")
_ONE = (".xlsx", ".xlsm", ".ods", ".eval")


def expanded(uploads: Sequence[Upload], limit_bytes: int) -> tuple[Upload, ...]:
    """Return the uploads with each zip archive replaced by the readable files in it, sorted by path; no two have the same name.

    Raises ProblemError for a damaged or locked archive, one without tables, and one that unpacks to more than the limit.
    """
    several = len(uploads) > 1
    found: list[Upload] = []
    for upload in uploads:
        if not _is_zip(upload):
            found.append(upload)
            continue
        inside = _members(upload, limit_bytes)
        found.extend(Upload(f"{upload.stem}/{each.name}", each.data) if several else each for each in inside)
    return _told_apart(found)


def readable(name: str) -> bool:
    """Whether a file in a folder or archive may be a table, by its name; hidden files and licences are none."""
    path, upload = PurePosixPath(name), Upload(name, b"")
    about = upload.suffix == ".txt" and upload.stem.lower().split(".")[0] in _ABOUT
    return upload.suffix in READABLE and not about and not any(part.startswith((".", "__MACOSX")) for part in path.parts)


def _told_apart(uploads: Sequence[Upload]) -> tuple[Upload, ...]:
    """Return the uploads with names that differ: a browser gives files of several folders without their paths."""
    taken: set[str] = set()
    found = []
    for upload in uploads:
        folder, slash, file = upload.name.rpartition("/")
        start, dot, end = file.partition(".")
        name, count = upload.name, 1
        while name in taken:
            count += 1
            name = f"{folder}{slash}{start} ({count}){dot}{end}"
        taken.add(name)
        found.append(upload if name == upload.name else Upload(name, upload.data))
    return tuple(found)


def _is_zip(upload: Upload) -> bool:
    """Whether a file is an archive of files rather than one document that is zipped inside."""
    if not upload.data.startswith(b"PK\x03\x04") or upload.suffix in _ONE:
        return False
    try:
        with zipfile.ZipFile(io.BytesIO(upload.data)) as archive:
            return not any(name in archive.NameToInfo for name in _PARTS_OF_ONE)
    except _BROKEN:
        return True  # what is wrong with it is said where it is opened


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
