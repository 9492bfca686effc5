"""Work beside the pages."""

from __future__ import annotations

import threading
import time

from dashboard.jobs import Job, Jobs
from data.problems import refuse


def _wait(job: Job) -> None:
    for _ in range(500):
        if job.phase != "running":
            return
        time.sleep(0.01)


def test_a_job_ends_with_its_result() -> None:
    """A job runs in its own thread, reports progress, and keeps its result."""

    def work(job: Job) -> int:
        job.progress(3, 4)
        return 7

    job = Jobs().start("k", "title", work)
    _wait(job)
    assert (job.phase, job.result, job.share) == ("done", 7, 0.75)


def test_the_same_key_runs_once() -> None:
    """Starting a running or finished key returns that job; a failed one is started anew."""
    jobs, gate = Jobs(), threading.Event()
    first = jobs.start("k", "t", lambda _: gate.wait(5))
    assert jobs.start("k", "t", lambda _: None) is first
    gate.set()
    _wait(first)
    assert jobs.start("k", "t", lambda _: None) is first

    def fails(_: Job) -> None:
        raise refuse("it broke.", "Mend it.")

    failed = jobs.start("f", "t", fails)
    _wait(failed)
    assert failed.phase == "failed"
    assert "it broke" in failed.error
    assert jobs.start("f", "t", lambda _: 1) is not failed


def test_a_foreign_mistake_reaches_the_page() -> None:
    """An unexpected exception ends as a failed job with its name, not as a dead thread."""
    job = Jobs().start("k", "t", lambda _: 1 / 0)
    _wait(job)
    assert job.phase == "failed"
    assert "ZeroDivisionError" in job.error


def test_stop_is_told_to_the_work() -> None:
    """Dropping a job sets its stop event and forgets it; work that sees it ends as stopped."""
    jobs = Jobs()
    job = jobs.start("k", "t", lambda j: j.stop.wait(5))
    jobs.drop("k")
    _wait(job)
    assert job.phase == "stopped"
    assert jobs.get("k") is None


def test_time_left_follows_the_pace() -> None:
    """Time left is unknown before the first unit and positive after it."""
    job = Job(key="k", title="t", total=10)
    assert job.left_s is None
    job.progress(5, 10)
    assert job.left_s is not None
    assert job.left_s >= 0
