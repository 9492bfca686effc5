"""The Data page in process, for tests: open, upload, press, read what it says; small files to upload."""

from __future__ import annotations

import html
from collections.abc import Sequence

from streamlit.testing.v1 import AppTest

from dashboard.components import uploads


def page() -> None:
    """Draw the page: what AppTest runs."""
    from dashboard.pages import sets

    sets.show()


def opened() -> AppTest:
    """Return the Data page as it opens."""
    return AppTest.from_function(page, default_timeout=60).run()


def add(app: AppTest, *files: tuple[str, bytes]) -> AppTest:
    """Upload files and wait until they are read."""
    app.file_uploader[0].set_value([(name, content, "application/octet-stream") for name, content in files]).run()
    return rested(app)


def rested(app: AppTest) -> AppTest:
    """Run until no job of the upload is running."""
    for _ in range(30):
        running = [key for key in (app.session_state.get("upload.job"), app.session_state.get("upload.saving")) if key]
        if not any((job := uploads.jobs.ALL.get(key)) is not None and job.phase == "running" for key in running):
            break
        app.run()
    assert not app.exception
    return app.run()


def texts(app: AppTest) -> str:
    """Return everything that the page says, HTML tables included."""
    said = [element.value for kind in (app.markdown, app.caption, app.error, app.info, app.warning, app.success) for element in kind]
    return html.unescape("\n".join([*said, *(element.proto.body for element in app.get("html"))]))


def press(app: AppTest, label: str) -> AppTest:
    """Press a button by its label and wait for the work that it starts."""
    next(button for button in app.button if button.label == label).click().run()
    assert not app.exception
    return rested(app)


def labels(app: AppTest) -> list[str]:
    """Return the labels of all buttons."""
    return [button.label for button in app.button]


def csv_table(rows: int, **columns: Sequence[object]) -> bytes:
    """Return a CSV with ids, prompts and further columns."""
    lines = [",".join(["id", "prompt", *columns])]
    lines += [",".join([f"q{i}", f"question {i}", *(str(values[i]) for values in columns.values())]) for i in range(rows)]
    return "\n".join(lines).encode()


def two_models(rows: int = 60, **more: Sequence[object]) -> bytes:
    """Return a CSV with the scores of two models, and further columns."""
    return csv_table(rows, small_score=[i % 2 for i in range(rows)], large_score=[int(i % 5 > 0) for i in range(rows)], **more)


def graded(name: str = "first.csv", rows: int = 60) -> tuple[str, bytes]:
    """Return a file whose scores are words that nobody knows."""
    words = ["gut", "schlecht"]
    return name, csv_table(rows, a_score=[words[i % 2] for i in range(rows)], b_score=[words[i % 3 == 0] for i in range(rows)])


def metered() -> bytes:
    """Return a file in which a model with tokens is billed at zero on ten of 80 rows, else at its price."""
    tokens = {name: [[base + (7 * i) % 91, 2 * base + (11 * i) % 83] for i in range(80)] for name, base in (("small", 400), ("large", 700))}
    bill = {name: [price * (used[0] + 4 * used[1]) for used in tokens[name]] for name, price in (("small", 1e-7), ("large", 2e-6))}
    return csv_table(
        80,
        small_score=[i % 2 for i in range(80)],
        large_score=[int(i % 5 > 0) for i in range(80)],
        small_cost=[0 if i < 10 else bill["small"][i] for i in range(80)],
        large_cost=bill["large"],
        **{f"{name}_tokens_{side}": [used[at] for used in tokens[name]] for name in tokens for at, side in enumerate(("in", "out"))},
    )
