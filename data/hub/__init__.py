"""Published benchmarks, fetched from their homes when a person asks for them.

base.py       what a source declares: home, repository, revision, files, licence, size
sources/      one small file a benchmark, found by themselves
homes.py      what a home says of its files: sizes, checksums, the commit
download.py   the bytes: resumed after a break, checked, stopped
shelf.py      where fetched files lie, what was put there by hand, which sets were made of them
results.py    LLMRouterBench's archive as the files that its reader knows
fetching.py   all of it: from a source to a kept set with origin and history

The readers are those of uploads (`data.readers`). Nothing is fetched by importing this, and nothing without being asked.
"""

from data.hub.base import Source, Wanted, find, sources
from data.hub.fetching import AnotherVersionError, Fetched, LargerError, Step, fetch

__all__ = ["AnotherVersionError", "Fetched", "LargerError", "Source", "Step", "Wanted", "fetch", "find", "sources"]
