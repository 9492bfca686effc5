"""Inspect AI's own structures: the `.eval` archive as one document, and a sample's events as what its model used.

Source: inspect.aisi.org.uk/eval-logs.html and the logs themselves. The archive holds header.json (a run that was cut has only
_journal/start.json), samples/ID_epoch_N.json, and summaries that repeat what the samples say.
"""

from __future__ import annotations

import io
import json
import math
import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from data.problems import refuse
from data.readers.base import Upload
from data.readers.chat import added, tokens
from data.readers.formats.base import Row, dig
from data.readers.unpack import too_big

SUFFIX = ".eval"
HEADERS = ("header.json", "_journal/start.json")
SAMPLES_MOST = 200_000
_ZIP = b"PK\x03\x04"
_BROKEN = (zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError, EOFError, OSError, ValueError)
MARK = "score."
_LETTERS = {"C": 1.0, "P": 0.5, "I": 0.0, "N": 0.0}
_SCORERS = ("scorer", "scorers")


def document(upload: Upload, limit_bytes: int) -> str | None:
    """Return an `.eval` archive as the JSON text that the same log would be with the `.json` extension, None for any other file.

    Raises ProblemError for an archive that is damaged or locked, a log over the limit, and a member that is no JSON.
    """
    if not upload.data.startswith(_ZIP):
        return None
    if len(upload.data) > limit_bytes:
        raise too_big(upload.name, limit_bytes)
    try:
        with zipfile.ZipFile(io.BytesIO(upload.data)) as archive:
            header = next((name for name in HEADERS if name in archive.NameToInfo), None)
            return None if header is None else _assembled(archive, header, upload.name, limit_bytes)
    except _BROKEN as error:
        if upload.suffix != SUFFIX:
            return None
        what = f"the log can't be opened ({type(error).__name__}): it is cut, damaged or locked."
        raise refuse(what, "Copy it again, or convert it: inspect log convert --to json.", file=upload.name) from None


def _assembled(archive: zipfile.ZipFile, header: str, name: str, limit_bytes: int) -> str:
    members = sorted((each for each in archive.namelist() if each.startswith("samples/") and each.endswith(".json")), key=_natural)
    if len(members) > SAMPLES_MOST:
        raise refuse(f"the log holds {len(members):,} samples; {SAMPLES_MOST:,} are the most.", "Read a part of it.", file=name)
    left = limit_bytes
    parts: list[str] = []
    for member in (header, *members):
        with archive.open(member) as stream:
            data = stream.read(left + 1)  # what the archive says of its sizes is not believed
        left -= len(data) + 2
        if left < 0:
            raise too_big(name, limit_bytes)
        parts.append(_checked(data, f"{name}/{member}"))
    head = json.loads(parts[0])
    if not isinstance(head, dict):
        raise refuse("the header of the log is no JSON object.", "Choose the log as Inspect wrote it.", file=f"{name}/{header}")
    cut = {} if header == HEADERS[0] else {"status": "started"}
    return json.dumps({**head, **cut, "samples": []}).removesuffix("]}") + ",\n".join(parts[1:]) + "]}"


def used(sample: Mapping[str, Any], model: str) -> Row:
    """Return tokens and latency_s of a sample's calls of the model under test; grading is nothing that the model would be billed for.

    Without events: the sample's total for the model, and the time of its only call or of the whole sample.
    """
    calls = [event for event in _calls(sample.get("events") or []) if event.get("model") == model and not event.get("role")]
    if calls:
        times = [_number(dig(call, "output.time")) for call in calls if call.get("cache") != "read"]
        known = len(times) == len(calls) and all(time is not None for time in times)  # the time of a cached answer isn't the model's
        return {
            **added(tokens(dig(call, "output.usage")) for call in calls),
            "latency_s": math.fsum(t or 0 for t in times) if known else None,
        }
    total = tokens((sample.get("model_usage") or {}).get(model) or dig(sample, "output.usage"))
    turns = sum(message.get("role") == "assistant" for message in sample.get("messages") or [])
    only = dig(sample, "output.time") if turns == 1 else None
    return {**total, "latency_s": next((t for t in (only, sample.get("working_time"), sample.get("total_time")) if t is not None), None)}


def marks(given: Mapping[str, Any]) -> Row:
    """Return recorded scores as columns `score.SCORER`, of an object with several values `score.SCORER.KEY`; letters as numbers."""
    row: Row = {}
    for name, score in given.items():
        value = score["value"]
        for key, each in ((f"{name}.{key}", each) for key, each in value.items()) if isinstance(value, Mapping) else ((name, value),):
            if not isinstance(each, list):
                row[f"{MARK}{key}"] = _LETTERS.get(each, each) if isinstance(each, str) else each
    return row


def _calls(events: Sequence[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    """Yield the events of models that answered outside of scorers: in spans (since 2025) or between steps (before)."""
    scoring: set[Any] = set()
    depth = 0
    for event in events:
        kind = event.get("event")
        if kind == "span_begin" and (event.get("type") in _SCORERS or event.get("parent_id") in scoring):
            scoring.add(event.get("id"))
        elif kind == "step" and event.get("type") in _SCORERS:
            depth += 1 if event.get("action") == "begin" else -1
        elif kind == "model" and depth == 0 and event.get("span_id") not in scoring and dig(event, "output.usage") is not None:
            yield event


def _checked(data: bytes, file: str) -> str:
    try:
        text = data.decode()
        json.loads(text)
    except (ValueError, RecursionError):
        raise refuse("this part of the log is no valid JSON.", "Choose the log as Inspect wrote it.", file=file) from None
    return text


def _number(value: Any) -> float | None:
    return float(value) if isinstance(value, (int, float)) else None


def _natural(name: str) -> list[Any]:
    return [(0, int(part), "") if part.isdigit() else (1, 0, part) for part in re.split(r"(\d+)", name)]
