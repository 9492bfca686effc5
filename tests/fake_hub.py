"""A Hugging Face hub and a GitHub on loopback for tests: files by repository and commit, redirects, ranges, and faults on demand.

    with FakeHub() as hub:
        hub.put(find("routerbench"), {"routerbench_0shot.pkl": data})
        hub.faults["/cdn/..."] = [Fault(cut=100), Fault(status=503)]   # for the next requests of a path, one after the other
        hub.reached(monkeypatch)
        fetch("routerbench")
        hub.calls                                                      # (method, path, headers) in order of arrival

The hub sends large files (pickles, archives, CSV) from another address, as the real one does: `localhost` instead of `127.0.0.1`, so
that a token that went along would be seen. `git_sha1` and `sha256` are true unless `lie` is set.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import sys
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import unquote, urlsplit

import pytest

from data.hub import base
from data.hub.base import Source, Wanted

LARGE = (".pkl", ".gz", ".csv", ".jsonl")
COMMIT = "0123456789abcdef0123456789abcdef01234567"


@dataclass(frozen=True, kw_only=True)
class Fault:
    """What goes wrong with one request. cut : bytes after which the connection ends. wrong : other bytes of the same length."""

    status: int = 0
    headers: Mapping[str, str] = field(default_factory=dict)
    cut: int | None = None
    wrong: bool = False
    slow_s: float = 0.0
    body: bytes | None = None
    ranges: bool = True


def git_sha1(data: bytes) -> str:
    """Return the SHA-1 of data as a git blob."""
    return hashlib.sha1(f"blob {len(data)}\0".encode() + data, usedforsecurity=False).hexdigest()


def scaled(source: Source, files: Mapping[str, bytes], **changes: Any) -> Source:
    """Return a declared source with the sizes and checksums of small files in its place; all else as declared."""

    def small(wanted: Wanted) -> Wanted:
        data = files.get(wanted.path)
        if data is None:
            return wanted
        size = None if wanted.bytes is None else len(data)
        return replace(wanted, bytes=size, sha256=hashlib.sha256(data).hexdigest() if wanted.sha256 else "")

    size = sum(map(len, files.values())) if source.about_bytes else 0
    return replace(source, **{"files": tuple(small(each) for each in source.files), "about_bytes": size, **changes})


class FakeHub:
    """The two homes on one port."""

    def __init__(self) -> None:
        self.files: dict[tuple[str, str, str], dict[str, bytes]] = {}
        self.sources: dict[str, Source] = {}
        self.faults: dict[str, list[Fault]] = {}
        self.calls: list[tuple[str, str, dict[str, str]]] = []
        self.licences: dict[str, str] = {}
        self.lie = False
        self.block_s = 0.0  # a pause after each 64 KiB, to watch and to stop
        hub = self

        class Handler(_Handler):
            def do_GET(self) -> None:
                hub.answer(self)

            def do_HEAD(self) -> None:
                hub.answer(self)

        self.server = _Server(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    def __enter__(self) -> Self:
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()
        if "huggingface_hub" in sys.modules:  # its client keeps connections, and the next hub may get the same port
            sys.modules["huggingface_hub"].close_session()

    @property
    def port(self) -> int:
        """Return the port."""
        return int(self.server.server_address[1])

    @property
    def addresses(self) -> dict[str, str]:
        """Return the environment that makes the program ask here."""
        root = f"http://127.0.0.1:{self.port}"
        return {"HF_ENDPOINT": root, "ROUTESCOPE_GITHUB_API": f"{root}/api-github", "ROUTESCOPE_GITHUB_RAW": f"{root}/raw-github"}

    def put(self, source: Source, files: Mapping[str, bytes], **changes: Any) -> Source:
        """Serve files as those of a declared source, and return the source with their sizes; `reached` makes it the declared one."""
        small = scaled(source, files, **changes)
        self.files.setdefault((small.home, small.repository, small.revision or COMMIT), {}).update(files)
        self.sources[small.id] = small
        return small

    def reached(self, patch: pytest.MonkeyPatch) -> Self:
        """Make the program ask here, for what was put here, as long as the test's own patches last."""
        for name, value in {**self.addresses, "NO_PROXY": "127.0.0.1,localhost"}.items():
            patch.setenv(name, value)
        patch.setattr(base, "sources", lambda: dict(self.sources))
        patch.setattr("data.hub.download.WAIT_S", 0.01)
        patch.setattr("huggingface_hub.constants.HF_HUB_DISABLE_TELEMETRY", True)  # where another test has imported it before
        patch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", False)  # a test run may keep the real hub out
        return self

    def asked(self, part: str) -> list[dict[str, str]]:
        """Return the headers of the requests whose path holds a part."""
        return [headers for _, path, headers in self.calls if part in path]

    # --- answers -----------------------------------------------------------------------------------------------------

    def answer(self, to: _Handler) -> None:
        """Answer one request."""
        path = unquote(urlsplit(to.path).path)
        self.calls.append((to.command, path, {name.lower(): value for name, value in to.headers.items()}))
        waiting = next((faults for part, faults in self.faults.items() if part in path and faults), None)
        fault = waiting.pop(0) if waiting else Fault()
        time.sleep(fault.slow_s)
        if fault.status:
            to.send(fault.status, fault.body or b'{"error": "no"}', fault.headers)
            return
        if fault.body is not None:
            to.send(200, fault.body, {"Content-Type": "application/json"})
            return
        for start, route in (("/api/datasets/", self._info), ("/datasets/", self._resolve), ("/cdn/", self._cdn),
                             ("/api-github/repos/", self._github), ("/raw-github/", self._raw)):  # fmt: skip
            if path.startswith(start):
                route(to, path.removeprefix(start), fault)
                return
        to.send(404, b"not found")

    def _info(self, to: _Handler, path: str, _: Fault) -> None:
        repository, _, revision = path.partition("/revision/")
        found = self._find("hub", repository, revision)
        if found is None:
            to.send(404, b'{"error": "no"}', {"X-Error-Code": "RevisionNotFound" if self._any("hub", repository) else "RepoNotFound"})
            return
        commit, files = found
        siblings = [self._sibling(name, data) for name, data in files.items()]
        card = {"license": self.licences[repository]} if repository in self.licences else {}
        to.send_json({"id": repository, "sha": commit, "siblings": siblings, "cardData": card, "gated": False, "private": False})

    def _sibling(self, name: str, data: bytes) -> dict[str, Any]:
        if not name.endswith(LARGE):
            return {"rfilename": name, "size": len(data), "blobId": git_sha1(data)}
        sha256 = hashlib.sha256(b"another" if self.lie else data).hexdigest()
        return {"rfilename": name, "size": len(data), "blobId": "f" * 40, "lfs": {"sha256": sha256, "size": len(data), "pointerSize": 134}}

    def _resolve(self, to: _Handler, path: str, fault: Fault) -> None:
        repository, _, rest = path.partition("/resolve/")
        commit, _, name = rest.partition("/")
        data = self._content("hub", repository, commit, name)
        if data is None:
            to.send(404, b"Entry not found", {"X-Error-Code": "EntryNotFound"})
            return
        sha256 = hashlib.sha256(data).hexdigest()
        linked = {"X-Repo-Commit": commit, "ETag": f'"{git_sha1(data)}"'}
        if name.endswith(LARGE):
            to.send(302, b"", {**linked, "X-Linked-Size": str(len(data)), "X-Linked-ETag": f'"{sha256}"',
                               "Location": f"http://localhost:{self.port}/cdn/{repository}/{commit}/{name}"})  # fmt: skip
            return
        self._send(to, data, fault, linked)

    def _cdn(self, to: _Handler, path: str, fault: Fault) -> None:
        owner, name, commit, *rest = path.split("/")
        self._send(to, self._content("hub", f"{owner}/{name}", commit, "/".join(rest)), fault, {})

    def _github(self, to: _Handler, path: str, _: Fault) -> None:
        owner, name, kind, *rest = path.split("/")
        found = self._find("github", f"{owner}/{name}", rest[-1])
        if found is None:
            to.send(404, b'{"message": "Not Found"}')
            return
        commit, files = found
        if kind == "commits":
            to.send_json({"sha": commit, "commit": {}})
            return
        folders = sorted({"/".join(path.split("/")[:i]) for path in files for i in range(1, path.count("/") + 1)})
        tree = [{"path": folder, "type": "tree", "sha": "e" * 40} for folder in folders]
        tree += [
            {"path": path, "type": "blob", "size": len(data), "sha": git_sha1(b"another" if self.lie else data)}
            for path, data in files.items()
        ]
        to.send_json({"sha": "d" * 40, "tree": tree, "truncated": False})

    def _raw(self, to: _Handler, path: str, fault: Fault) -> None:
        owner, name, commit, *rest = path.split("/")
        self._send(to, self._content("github", f"{owner}/{name}", commit, "/".join(rest)), fault, {})

    def _send(self, to: _Handler, data: bytes | None, fault: Fault, headers: Mapping[str, str]) -> None:
        if data is None:
            to.send(404, b"not found")
            return
        if fault.wrong:
            data = bytes(255 - byte for byte in data)
        start = int(to.headers["Range"].removeprefix("bytes=").partition("-")[0]) if to.headers.get("Range") and fault.ranges else 0
        if start >= len(data) and start:
            to.send(416, b"", {"Content-Range": f"bytes */{len(data)}"})
            return
        partial = {"Content-Range": f"bytes {start}-{len(data) - 1}/{len(data)}"} if start else {}
        body = data[start:]
        to.send_head(206 if start else 200, len(body), {"Accept-Ranges": "bytes", **headers, **partial})
        if to.command == "HEAD":
            return
        for at in range(0, len(body), 1 << 16):
            if fault.cut is not None and at + (1 << 16) > fault.cut:
                to.wfile.write(body[at : fault.cut])
                to.close_connection = True
                return
            to.wfile.write(body[at : at + (1 << 16)])
            time.sleep(self.block_s)

    def _content(self, home: str, repository: str, commit: str, name: str) -> bytes | None:
        found = self._find(home, repository, commit)
        return None if found is None else found[1].get(name)

    def _find(self, home: str, repository: str, revision: str) -> tuple[str, dict[str, bytes]] | None:
        for (kind, name, commit), files in self.files.items():
            if (kind, name) == (home, repository) and revision in {commit, *(("main", "") if commit == COMMIT else ())}:
                return commit, files
        return None

    def _any(self, home: str, repository: str) -> bool:
        return any((kind, name) == (home, repository) for kind, name, _ in self.files)


class _Server(ThreadingHTTPServer):
    """A server that says nothing where somebody hangs up."""

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Tell only what is no broken connection."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    """Plain answers; the log stays silent."""

    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def send_head(self, status: int, length: int, headers: Mapping[str, str]) -> None:
        """Send the status and the headers."""
        self.send_response(status)
        for name, value in {"Content-Length": str(length), **headers}.items():
            self.send_header(name, value)
        self.end_headers()

    def send(self, status: int, body: bytes, headers: Mapping[str, str] | None = None) -> None:
        """Send a whole answer."""
        self.send_head(status, len(body), headers or {})
        if self.command != "HEAD":
            with contextlib.suppress(OSError):
                self.wfile.write(body)

    def send_json(self, value: Any) -> None:
        """Send a value as JSON."""
        self.send(200, json.dumps(value).encode(), {"Content-Type": "application/json"})
