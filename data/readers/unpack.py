"""From a file's bytes to plain bytes and text: size limits, gzip, refused formats, encodings."""

from __future__ import annotations

import codecs
import zlib
from collections.abc import Iterator

from data.problems import ProblemError, refuse
from data.readers.base import LIMIT_BYTES, MEMBERS_MOST, Upload
from data.readers.pickled import is_pickle, refused
from data.readers.watch import step

_GZIP = b"\x1f\x8b"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # the container of old Office files, and of encrypted new ones
_PICKLES = (".pkl", ".pickle", ".joblib", ".pt", ".pth", ".dill")
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_PIECE = 1 << 14
_C1 = bytes(range(0x80, 0xA0))
_CONTROL = bytes(i for i in range(32) if i not in (9, 10, 12, 13)) + b"\x7f"


def unpacked(upload: Upload, limit_bytes: int = LIMIT_BYTES) -> bytes:
    """Return the plain bytes of an upload.

    Raises ProblemError for a file that is empty, too big (also once decompressed), or another refused format.
    """
    if len(upload.data) > limit_bytes:
        raise too_big(upload.name, limit_bytes)
    if _blank(upload.data):
        raise refuse("the file is empty.", "Choose a file with a header and at least one row.", file=upload.name)
    _refuse_formats(upload)
    if not upload.data.startswith(_GZIP):
        return upload.data
    data = _inflated(upload, limit_bytes)
    if _blank(data):
        raise refuse("the file is empty once decompressed.", "Choose a file with a header and at least one row.", file=upload.name)
    _refuse_formats(Upload(upload.name, data))
    return data


def _blank(data: bytes) -> bool:
    return not data[:_PIECE].strip() and not data.strip()  # no copy of a large file for its first bytes


def too_big(name: str, limit_bytes: int) -> ProblemError:
    """Return the refusal of a file over the limit."""
    return refuse(
        f"the file is larger than {limit_bytes / 2**20:,.0f} MB (decompressed).",
        "Leave out columns of long texts, or split it into several files.",
        file=name,
    )


def decoded(data: bytes, name: str) -> tuple[str, str]:
    """Return (text, name of the encoding): UTF-8, else by its mark, else UTF-16 or Windows-1252 / Latin-1 by what fits.

    Raises ProblemError, with the data row where it can be told, if nothing fits or if null bytes are inside.
    """
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return _strict(data, encoding, name), encoding
    if b"\x00" in data:
        return _with_nulls(data, name)
    try:
        return data.decode("utf-8"), "utf-8"
    except UnicodeDecodeError as error:
        return _eight_bit(data, name, data[: error.start].count(b"\n"))


def _strict(data: bytes, encoding: str, name: str) -> str:
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        row = data[: error.start].count(b"\n")
        raise refuse(f"the file says it is {encoding}, but cannot be read as that.", "Save it as UTF-8.", file=name, row=row) from None
    if "\x00" in text:
        raise _null_byte(name, text[: text.index("\x00")].count("\n"))
    return text


def _with_nulls(data: bytes, name: str) -> tuple[str, str]:
    for start, encoding in ((1, "utf-16-le"), (0, "utf-16-be")):
        half = data[start:2000:2]
        if len(data) % 2 == 0 and half.count(0) > 0.4 * len(half):
            return _strict(data, encoding, name), encoding
    raise _null_byte(name, data[: data.index(0)].count(b"\n"))


def _null_byte(name: str, row: int) -> ProblemError:
    return refuse(
        "there is a null byte in the text.", "Save the file again as UTF-8 text; it may be cut or binary.", file=name, row=row or None
    )


def _eight_bit(data: bytes, name: str, row: int) -> tuple[str, str]:
    if not any(byte in data for byte in _CONTROL):
        if len(data.translate(None, _C1)) == len(data):
            return data.decode("latin-1"), "latin-1"
        try:
            return data.decode("cp1252"), "windows-1252"
        except UnicodeDecodeError:
            pass
    raise refuse("the encoding is unknown: neither UTF-8 nor UTF-16 nor Latin-1.", "Save the file as UTF-8.", file=name, row=row or None)


def _inflated(upload: Upload, limit_bytes: int) -> bytes:
    parts, size = [], 0
    try:
        for at, part in _stream(upload):
            parts.append(part)
            size += len(part)
            if size > limit_bytes:  # a bomb is noticed a megabyte after the limit
                raise too_big(upload.name, limit_bytes)
            step(at, len(upload.data))
    except (zlib.error, EOFError):
        raise refuse("the gzip file is damaged or cut.", "Compress it again, or choose it uncompressed.", file=upload.name) from None
    return b"".join(parts)


def _stream(upload: Upload) -> Iterator[tuple[int, bytes]]:
    """Yield (position, content) of gzip members one after the other, at most a megabyte at a time.

    The file is handed over in pieces: what a member leaves is copied, and a file may be thousands of tiny members.
    """
    data, at, members = upload.data, 0, 0
    rest = b""
    while (rest + data[at : at + len(_GZIP)]).startswith(_GZIP):
        members += 1
        if members > MEMBERS_MOST:
            raise refuse(f"the gzip file has more than {MEMBERS_MOST:,} parts.", "Compress the table in one piece.", file=upload.name)
        stream = zlib.decompressobj(wbits=31)
        while not stream.eof:
            if not rest:
                rest, at = data[at : at + _PIECE], at + _PIECE
                if not rest:
                    raise EOFError
            part = stream.decompress(rest, 1 << 20)
            rest = stream.unconsumed_tail
            if part:
                yield min(at, len(data)), part
        rest = stream.unused_data


def _refuse_formats(upload: Upload) -> None:
    data, name = upload.data, upload.name
    if upload.suffix in _PICKLES and not is_pickle(data) and not data.startswith(_GZIP):  # a pickle proper is read without being run
        raise refused("of a kind that is not read", name)
    if data.startswith(_OLE) and "EncryptedPackage".encode("utf-16-le") in data:
        raise refuse("this spreadsheet is locked with a password.", "Save it without a password, or the sheet as CSV.", file=name)
    if data.startswith(_OLE):
        raise refuse("this is a spreadsheet of the old Excel format (.xls).", "Save it as .xlsx, or the sheet as CSV.", file=name)
