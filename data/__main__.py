"""`python -m data`: read, audit and replay from the command line."""

from __future__ import annotations

import sys

from data.cli import main

if __name__ == "__main__":
    sys.exit(main())
