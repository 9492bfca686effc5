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

from playwright.sync_api import Browser, Page, expect, sync_playwright

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
_PATIENCE_S = 60
expect.set_options(timeout=15_000)  # two browsers and two servers share two cores


def free_port() -> int:
    """Return a loopback port that nobody listens on now."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        return int(bound.getsockname()[1])


@contextlib.contextmanager
def app(script: str | Path, *options: str, env: dict[str, str] | None = None) -> Iterator[str]:
    """Yield the address of a Streamlit app. script : path from the repository's root; options : more of `streamlit run`."""
    port = free_port()
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
    """Yield a headless Chromium. Within this block `page` opens its pages there, instead of one browser for each."""
    with sync_playwright() as driver:
        path = str(DEBIAN_CHROMIUM) if DEBIAN_CHROMIUM.exists() else None
        browser = driver.chromium.launch(executable_path=path, headless=True, args=list(FLAGS))
        _OPEN.append(browser)
        try:
            yield browser
        finally:
            _OPEN.remove(browser)
            browser.close()


@contextlib.contextmanager
def page(**context: Any) -> Iterator[Page]:
    """Yield a page at 1440 x 900. context : options of a browser context (viewport, color_scheme, reduced_motion, ...).

    What the console said is kept in `said(page)`. Every page has a context of its own: no storage is shared.
    """
    with contextlib.ExitStack() as stack:
        browser = _OPEN[-1] if _OPEN else stack.enter_context(chromium())
        around = browser.new_context(**{"viewport": {"width": 1440, "height": 900}, **context})
        stack.callback(around.close)
        opened = around.new_page()
        lines = _SAID[id(opened)] = []
        opened.on("console", lambda message: lines.append(f"{message.type}: {message.text}"))
        opened.on("pageerror", lambda error: lines.append(f"pageerror: {error}"))
        yield opened


_OPEN: list[Browser] = []
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
