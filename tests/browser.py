"""Start a Streamlit app on a free loopback port and a Chromium page; both end with their `with` block."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
DEBIAN_CHROMIUM = Path("/usr/bin/chromium")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
WIDE: dict[str, Any] = {"viewport": {"width": 1440, "height": 900}}
_PATIENCE_S = 60
expect.set_options(timeout=15_000)  # two browsers and two servers share two cores


def free_port(wanted: int = 0) -> int:
    """Return a loopback port that nobody listens on now, the wanted one if it is such."""
    with socket.socket() as bound:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            bound.bind(("127.0.0.1", wanted))
        except OSError:
            bound.bind(("127.0.0.1", 0))
        return int(bound.getsockname()[1])


_PORT = [0]


@contextlib.contextmanager
def app(script: str | Path, *options: str, env: dict[str, str] | None = None) -> Iterator[str]:
    """Yield the address of a Streamlit app. script : path from the repository's root; options : more of `streamlit run`."""
    port = free_port(_PORT[0])
    _PORT[0] = port  # one app after the other at one address: the browser knows its scripts already
    command = [sys.executable, "-m", "streamlit", "run", str(ROOT / script), "--server.headless=true", "--server.address=127.0.0.1"]
    command += [f"--server.port={port}", "--browser.gatherUsageStats=false", "--server.fileWatcherType=none", *options]
    around = {**os.environ, "PYTHONPATH": str(ROOT), **(env or {})}
    # A file, not a pipe: nobody reads along, and a full pipe would stop the server.
    with (
        contextlib.closing(_log_file()) as log,
        subprocess.Popen(command, env=around, cwd=ROOT, stdout=log, stderr=subprocess.STDOUT) as server,
    ):
        address = f"http://127.0.0.1:{port}"
        try:
            _wait(address, server, log)
            yield address
        finally:
            server.terminate()
            try:
                server.wait(10)
            except subprocess.TimeoutExpired:
                server.kill()


@contextlib.contextmanager
def chromium() -> Iterator[Browser]:
    """Yield a headless Chromium; within this block `page` opens its pages there, instead of starting a browser for each.

    They come one after the other in a context that keeps the app's scripts, which are much to load and to compile.
    """
    with sync_playwright() as driver:
        path = str(DEBIAN_CHROMIUM) if DEBIAN_CHROMIUM.exists() else None
        browser = driver.chromium.launch(executable_path=path, headless=True, args=list(FLAGS))
        _OPEN.append(browser.new_context(**WIDE))
        try:
            yield browser
        finally:
            _OPEN.pop()
            browser.close()


@contextlib.contextmanager
def page(**context: Any) -> Iterator[Page]:
    """Yield a page at 1440 x 900. context : options of a browser context (viewport, color_scheme, reduced_motion, ...).

    What the console said is kept in `said(page)`. It starts without cookies and stored values, like a browser that was never here.
    """
    with contextlib.ExitStack() as stack:
        if _OPEN and not _OPEN[-1].pages and set(context) <= _TURNED:
            opened = _cleared(_OPEN[-1], **context)
        else:
            shared = _OPEN[-1].browser if _OPEN else None
            around = (shared or stack.enter_context(chromium())).new_context(**{**WIDE, **context})
            stack.callback(around.close)
            opened = around.new_page()
        stack.callback(opened.close)
        lines = _SAID[id(opened)] = []
        opened.on("console", lambda message: lines.append(f"{message.type}: {message.text}"))
        opened.on("pageerror", lambda error: lines.append(f"pageerror: {error}"))
        yield opened


def _cleared(around: BrowserContext, *, viewport: Any = None, **media: Any) -> Page:
    """Return a page of a context that was used before: what earlier pages stored is gone, only the cache of scripts stays."""
    opened = around.new_page()
    around.clear_cookies()
    session = around.new_cdp_session(opened)
    session.send("Storage.clearDataForOrigin", {"origin": "*", "storageTypes": "local_storage,indexeddb,cache_storage"})
    session.detach()
    opened.set_viewport_size(viewport or WIDE["viewport"])
    opened.emulate_media(**{"color_scheme": "light", "reduced_motion": "no-preference", **media})
    return opened


_OPEN: list[BrowserContext] = []
_TURNED = {"viewport", "color_scheme", "reduced_motion"}  # options that a page of any context can be given
_SAID: dict[int, list[str]] = {}


def said(opened: Page) -> list[str]:
    """Return what the page's console said so far, as "type: text"."""
    return _SAID.get(id(opened), [])


def errors(opened: Page) -> list[str]:
    """Return only the errors among what the console said."""
    return [line for line in said(opened) if line.startswith(("error", "pageerror"))]


def settled(opened: Page) -> None:
    """Wait until no script runs and the transitions have ended."""
    opened.wait_for_function("!document.querySelector('[data-testid=stStatusWidget]')")
    opened.wait_for_timeout(400)


def _log_file() -> Any:
    import tempfile

    return tempfile.TemporaryFile("w+")


def _wait(address: str, server: subprocess.Popen[Any], log: Any) -> None:
    start = time.monotonic()
    while True:
        with contextlib.suppress(OSError), urllib.request.urlopen(f"{address}/_stcore/health", timeout=1) as answer:  # noqa: S310
            if answer.read() == b"ok":
                return
        if server.poll() is not None or time.monotonic() - start > _PATIENCE_S:
            log.seek(0)
            raise RuntimeError(f"the app did not start: {log.read()[-2000:]}")
        time.sleep(0.02)
