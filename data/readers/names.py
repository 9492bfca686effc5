"""Names from files: what each of several files is called where nothing in it says so."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import PurePosixPath

from data.readers.base import Upload
from data.splits import _WORDS as SPLIT_WORDS

_SPLITS = {"fit": "train", "calibrate": "validation", "test": "test"}


def file_names(files: Sequence[str], cut: str = "") -> list[str]:
    """Return a name for each file that tells it from the others: its stem, or its folder where all stems are the same.

    What a pattern `cut` finds at the end, and what all stems share at the end after a `_` (`_results`), is left out as long as
    the names stay different.
    """
    paths = [PurePosixPath(Upload(file, b"").name) for file in files]
    for name in (lambda path: Upload(path.name, b"").stem, lambda path: path.parent.name):
        names = [name(path) for path in paths]
        if _tell_apart(names):
            return _shorter(names, cut)
    return [str(path) for path in paths]


def _shorter(names: list[str], cut: str) -> list[str]:
    for short in (
        [re.sub(f"(?:{cut})$", "", name) for name in names] if cut else names,
        [name[: len(name) - len(_common_end(names))] for name in names],
    ):
        if short != names and _tell_apart(short):
            return short
    return names


def _common_end(names: Sequence[str]) -> str:
    """Return what all of several names end with, from a `_` on: `-` and `.` stand within names of models (gpt-4, claude-4)."""
    if len(names) < 2:
        return ""
    turned = [name[::-1] for name in names]
    low, high = min(turned), max(turned)
    shared = next((i for i, (a, b) in enumerate(zip(low, high, strict=False)) if a != b), min(len(low), len(high)))
    end = names[0][len(names[0]) - shared :]
    return end[end.index("_") :] if "_" in end else ""


def _tell_apart(names: Sequence[str]) -> bool:
    return all(names) and len(set(names)) == len(names)


def splits_of(files: Sequence[str]) -> list[str]:
    """Return train, validation or test for each file, where all names say one of them, and train and test are there; else nothing."""
    stems = (re.split(r"[^a-z]+", PurePosixPath(file).name.lower()) for file in files)
    said = [{SPLIT_WORDS[word] for word in words if word in SPLIT_WORDS} for words in stems]
    if any(len(each) != 1 for each in said) or not {"fit", "test"} <= set().union(*said):
        return []
    return [_SPLITS[each.pop()] for each in said]
