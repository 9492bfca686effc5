"""Audits beside the pages: a big set is looked at in a job, so that no page waits for it; what was found is kept by content.

The key of an audit knows the choices in a table's history as well as its figures: settling a finding is another audit.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field

from dashboard import jobs
from data.audit import Choice, Conclusions, Effect, Finding, apply, audit, checks, conclusions, consequences
from data.outcomes import OutcomeTable
from data.problems import ProblemError, Stopped

SOON_S = 0.8
PATIENT_S = 600.0
_MOST = 24
_START = "audit."
SEVERITIES = ("error", "warning", "info")


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Audit:
    """What was found in a table. effects : finding -> choice -> what it would do to the conclusions. ready : the audit has ended."""

    findings: tuple[Finding, ...] = ()
    effects: Mapping[str, Mapping[Choice, Effect]] = field(default_factory=dict)
    now: Conclusions | None = None
    ready: bool = True
    error: str = ""

    @property
    def open(self) -> tuple[Finding, ...]:
        """Return the findings about which nothing was decided."""
        return tuple(finding for finding in self.findings if not finding.settled)

    @property
    def gravest(self) -> str:
        """Return the gravest severity among the open findings, "" if none is open."""
        return next((severity for severity in SEVERITIES if any(f.severity == severity for f in self.open)), "")

    def count(self, severity: str) -> int:
        """Return how many open findings have a severity."""
        return sum(finding.severity == severity for finding in self.open)


def job_key(key: str) -> str:
    """Return the job of an audit."""
    return f"{_START}{hashlib.blake2b(key.encode(), digest_size=10).hexdigest()}"


def looked(key: str, table: OutcomeTable, *, wait_s: float = SOON_S) -> Audit:
    """Return the audit of a table under a key that stands for its content and history, started if it is new."""
    jobs.ALL.trim(_START, _MOST)
    fresh = jobs.ALL.get(job_key(key)) is None
    job = jobs.ALL.start(job_key(key), "audit", lambda job: _work(table, job))
    # A page waits once: every further run while it is looking goes on at once.
    jobs.wait(job, wait_s if fresh or wait_s >= PATIENT_S else 0.0)
    if job.phase == "running":
        return Audit(ready=False)
    if isinstance(job.result, Audit) and job.phase == "done":
        return job.result
    return Audit(error=job.error or job.phase)


def _work(table: OutcomeTable, job: jobs.Job) -> Audit:
    def tell(done: int, total: int) -> None:
        if job.stop.is_set():
            raise Stopped
        job.progress(done, 2 * total)

    found, now = audit(table, tell), conclusions(table)
    effects: dict[str, Mapping[Choice, Effect]] = {}
    for done, finding in enumerate(found):
        tell(len(found) + done, len(found))
        if not finding.settled:
            effects[finding.id] = consequences(table, finding, now)
    return Audit(findings=found, effects=effects, now=now)


def settled(table: OutcomeTable, choices: Mapping[str, Choice]) -> OutcomeTable:
    """Return the table after all choices, each noted in its history; rows are looked up anew after each one."""
    for name, choice in choices.items():
        finding = found_again(table, name)
        if finding is not None:
            table = apply(table, finding, choice)
    return table


def found_again(table: OutcomeTable, name: str) -> Finding | None:
    """Return the open finding of an id in a table as it is now, None where an earlier choice took it away."""
    check = checks().get(name.split(".", 1)[0])
    return None if check is None else next((f for f in check.find(table) if f.id == name and not f.settled), None)


def together(table: OutcomeTable, choices: Mapping[str, Choice], before: Conclusions | None = None) -> Effect | None:
    """Return what all choices together do to the conclusions, None where they cannot all be carried out."""
    try:
        after = settled(table, choices)
    except ProblemError:
        return None
    return Effect(before=before or conclusions(table), after=conclusions(after))
