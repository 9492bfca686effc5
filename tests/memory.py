"""How much memory a process has taken."""

from __future__ import annotations

import resource
import sys
from pathlib import Path


def megabytes() -> float:
    """Return the largest resident memory that this process has had so far, in MB."""
    status = Path("/proc/self/status")
    if status.exists():  # what `getrusage` says on Linux begins with the memory of the process that started this one
        peak = next(line for line in status.read_text(encoding="utf-8").splitlines() if line.startswith("VmHWM"))
        return int(peak.split()[1]) / 2**10
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)
