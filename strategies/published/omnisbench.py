"""OmnisBench's two leaderboards: task success and cost of four policies, from the answers that they published."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from typing import Any

from strategies.published.base import Copy, Headline, Source

BIG, CHEAP = "anthropic/claude-opus-5", "openai/gpt-5-nano"
_CITE, _URL = "Fortitude-Group/OmnisBench @ 15674d9", "https://github.com/Fortitude-Group/OmnisBench"
V0 = Source(
    id="omnisbench-v0", title="OmnisBench, run of 2026-08-19", cite=f"{_CITE}, README", url=_URL, licence="Apache-2.0", folder="omnisbench",
    files=("2026-08-19_results.json",), models=frozenset({BIG, CHEAP}), queries=(364,),
)  # fmt: skip
FRESH = Source(
    id="omnisbench-fresh", title="OmnisBench, fresh tasks of 2026-08-20", cite=f"{_CITE}, runs/fresh-16k-2026-08-20, leaderboard", url=_URL,
    licence="Apache-2.0", folder="omnisbench", files=("fresh-16k-2026-08-20_results.json",), models=frozenset({BIG, CHEAP}), queries=(35,),
)  # fmt: skip
# policy -> task success in per cent, USD per 1,000 requests
PRINTED = {
    V0: {"oracle": (99.7, 0.62), "always_big": (99.2, 6.25), "random": (96.2, 4.01), "always_cheap": (94.5, 0.43)},
    FRESH: {
        "oracle": (97.1429, 23.183307), "always_big": (94.2857, 63.280143), "random": (88.5714, 29.096184),
        "always_cheap": (77.1429, 2.149864),
    },
}  # fmt: skip
_SINGLE = {"always_big": BIG, "always_cheap": CHEAP}


def _mean(policy: str, name: str, scale: float, copy: Copy) -> float:
    """Return a policy's mean over the published answers; of a single model from the table, of the others from the file's rows."""
    if policy in _SINGLE:
        return scale * copy.table.mean({"passed": "quality"}.get(name, name))[_SINGLE[policy]]
    rows = [row for row in _items(copy) if row["policy"] == policy]
    return scale * sum(float(row[name]) for row in rows) / len(rows) if rows else float("nan")


def _items(copy: Copy) -> list[dict[str, Any]]:
    if copy.folder is None:
        return []
    found: list[dict[str, Any]] = json.loads((copy.folder / copy.source.files[0]).read_bytes())["items"]
    return found


def _headlines(source: Source, policy: str, printed: tuple[float, float], tolerance: tuple[float, float]) -> list[Headline]:
    forms: list[tuple[str, str, str, Callable[[Copy], float]]] = [
        ("success", f"task success of {policy}", "%", partial(_mean, policy, "passed", 100.0)),
        ("cost", f"cost of {policy}", "USD per 1,000", partial(_mean, policy, "cost_usd", 1000.0)),
    ]
    return [
        Headline(
            id=f"{source.id}.{policy}.{name}", source=source, what=what, published=value, unit=unit, tolerance=allowed, ours=ours,
            files=policy not in _SINGLE,
        )
        for (name, what, unit, ours), value, allowed in zip(forms, printed, tolerance, strict=True)
    ]  # fmt: skip


HEADLINES = tuple(
    headline
    for source, tolerance in ((V0, (0.05, 0.005)), (FRESH, (5e-5, 5e-7)))
    for policy, printed in PRINTED[source].items()
    for headline in _headlines(source, policy, printed, tolerance)
)
