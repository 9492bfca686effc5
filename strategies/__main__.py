"""`python -m strategies`: recompute a figure that somebody claims."""

from __future__ import annotations

import sys

from strategies.cli import main

if __name__ == "__main__":
    sys.exit(main())
