"""Make sure that there is a Chromium for the browser tests: `python -m tests.install_browser`."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

DEBIAN = Path("/usr/bin/chromium")


def main() -> None:
    """Do nothing where Debian's Chromium is; else install Playwright's own, else Debian's."""
    if DEBIAN.exists():
        return
    own = subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=False)
    if own.returncode == 0:
        return
    if shutil.which("apt-get") and os.geteuid() == 0:
        subprocess.run(["apt-get", "update", "-q"], check=True)
        subprocess.run(["apt-get", "install", "-y", "-q", "chromium"], check=True)
        return
    sys.exit("No Chromium: install one at /usr/bin/chromium, or let Playwright download its own.")


if __name__ == "__main__":
    main()
