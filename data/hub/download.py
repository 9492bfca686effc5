"""The bytes of one file: taken up where they broke off, checked against the checksum of the home, stopped between two blocks."""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from data.hub.base import Source
from data.hub.homes import Remote
from data.hub.net import Refused, unreachable
from data.hub.shelf import BLOCK, PART
from data.problems import ProblemError, Stopped, refuse

if TYPE_CHECKING:
    import httpx2

TRIES = 5  # without a single new byte
WAIT_S, WAIT_MOST_S = 1.0, 60.0
_OK, _PARTIAL, _RANGE = 200, 206, 416
_LOOK_AGAIN_S = 0.1
_LOCKS: dict[Path, threading.Lock] = {}
_GUARD = threading.Lock()


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    """One file on its way. headers : sent along. tell : (what is being done, bytes so far). stop : asked between blocks."""

    source: Source
    remote: Remote
    client: httpx2.Client
    headers: Mapping[str, str]
    tell: Callable[[str, int], None]
    stop: Callable[[], bool]

    def to(self, target: Path) -> None:
        """Bring the file to its place; at once where it is there already.

        What came before a break or a stop stays beside the target and is taken up again.
        Raises Stopped; ProblemError without a connection, where the home refuses, for another size or checksum, and for a full disk.
        """
        with _GUARD:
            lock = _LOCKS.setdefault(target, threading.Lock())
        while not lock.acquire(timeout=_LOOK_AGAIN_S):  # two sets may be made of one archive
            self.look()
        try:
            if target.is_file():
                return
            target.parent.mkdir(parents=True, exist_ok=True)
            part = target.with_name(target.name + PART)
            self._whole(part)
            self._check(part)
            part.replace(target)
        except OSError as error:
            what = f"{target.name} can't be stored ({error.strerror or error})."
            raise refuse(what, "Make room on the disk, and fetch again.") from error
        finally:
            lock.release()

    def look(self) -> None:
        """Raise Stopped if it is to stop."""
        if self.stop():
            raise Stopped

    def _whole(self, part: Path) -> None:
        """Fetch until the part is whole; a break that brought something is taken up again, one that brought nothing a few times."""
        tries = 0
        while True:
            before = _size(part)
            wait_s = None
            problem = None
            try:
                if self._some(part):
                    return
            except Refused as refused:
                if not refused.passing or (refused.wait_s or 0) > WAIT_MOST_S:
                    raise
                problem, wait_s = refused, refused.wait_s
            tries = 0 if _size(part) > before else tries + 1
            if tries >= TRIES:
                raise problem or self._broken(_size(part))
            self._pause(WAIT_S * 2**tries if wait_s is None else wait_s)

    def _some(self, part: Path) -> bool:
        """Fetch what is missing of a part as far as the connection goes; return whether it is whole now."""
        import httpx2

        have = _size(part)
        if self.remote.bytes is not None and have == self.remote.bytes:
            return True
        self.look()
        asked = {**self.headers, "Accept-Encoding": "identity", **({"Range": f"bytes={have}-"} if have else {})}
        try:
            with self.client.stream("GET", self.remote.url, headers=asked) as answer:
                if answer.status_code == _RANGE:  # there is nothing from here on: the part is of another file
                    part.unlink(missing_ok=True)
                    return False
                if answer.status_code not in (_OK, _PARTIAL):
                    raise Refused.of(self.source, answer)
                goes_on = answer.status_code == _PARTIAL and answer.headers.get("content-range", "").startswith(f"bytes {have}-")
                done = self._write(answer, part, have if goes_on else 0)
                return self.remote.bytes is None or done >= self.remote.bytes
        except (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.ProxyError, httpx2.UnsupportedProtocol) as error:
            raise unreachable(self.source, error) from None
        except httpx2.HTTPError:  # it broke off on the way
            return False

    def _write(self, answer: httpx2.Response, part: Path, done: int) -> int:
        """Write an answer behind the first `done` bytes of a part; return how many bytes there are then."""
        with part.open("r+b" if done else "wb") as file:
            file.seek(done)
            file.truncate()
            for block in answer.iter_raw():  # as it arrives: what is gathered into larger blocks is lost where it breaks off
                self.look()
                file.write(block)
                done += len(block)
                self.tell("downloading", done)
                if self.remote.bytes is not None and done > self.remote.bytes:
                    break  # more than there is: the check will throw it away
        return done

    def _check(self, part: Path) -> None:
        """Raise ProblemError unless the part has the size and the checksum that its home says; what is wrong is thrown away."""
        size = _size(part)
        sha256, git = hashlib.sha256(), hashlib.sha1(f"blob {size}\0".encode(), usedforsecurity=False)
        with part.open("rb") as file:
            done = 0
            while block := file.read(BLOCK):
                self.look()
                sha256.update(block)
                git.update(block)
                done += len(block)
                self.tell("checking", done)
        wanted = self.remote
        same = wanted.sha256 in ("", sha256.hexdigest()) and wanted.git_sha1 in ("", git.hexdigest())
        if same and wanted.bytes in (None, size):
            return
        part.unlink()
        what = f"{wanted.path} is not the file that was published (its checksum or size differs), so it was thrown away."
        raise refuse(what, "Fetch it again; if it stays so, something on the way changes it.")

    def _broken(self, have: int) -> ProblemError:
        size = "" if self.remote.bytes is None else f" of {self.remote.bytes / 1e6:,.1f}"
        what = f"the connection to {self.source.site} broke off again and again, at {have / 1e6:,.1f}{size} MB."
        return refuse(what, "Fetch again: it goes on from there.", file=self.remote.path)

    def _pause(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            self.look()
            time.sleep(min(_LOOK_AGAIN_S, left))


def _size(path: Path) -> int:
    return path.stat().st_size if path.is_file() else 0
