"""What the documentation promises."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from docs.make import pages
from strategies.knobs import declared, turns
from strategies.registry import discover

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("name", sorted(pages()))
def test_the_generated_pages_are_up_to_date(name: str) -> None:
    """Each generated page is what `python -m docs.make` writes now."""
    assert (ROOT / "docs" / name).read_text(encoding="utf-8") == pages()[name]


def test_every_strategy_and_knob_is_described() -> None:
    """Each strategy has an idea in words and a source; each knob and choice a help text and a unit."""
    found, problems = discover()
    assert not problems
    for kind in found.values():
        assert kind.card.idea, kind.card.id
        assert kind.card.source, kind.card.id
        for turn in turns(kind()):
            assert turn.knob.help, (kind.card.id, turn.name)
            assert turn.knob.unit, (kind.card.id, turn.name)
        for item, spec in (*declared(kind(), "choice"), *declared(kind(), "arms")):
            assert spec.help, (kind.card.id, item.name)


def test_the_readme_has_both_commands() -> None:
    """The README names one command that starts the app and one that runs the tests, where the CI script reads them."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    for name, wanted in (("start", "streamlit run streamlit_app.py"), ("tests", "pytest")):
        found = re.search(rf"<!-- {name} -->\s*```bash\n(.*?)```", text, re.DOTALL)
        assert found is not None
        assert wanted in found.group(1)


def test_the_readmes_library_lines_run(tmp_path: Path) -> None:
    """The ten lines of the library in the README run as they stand and print a summary."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    code = re.search(r"```python\n(.*?)```", text, re.DOTALL)
    assert code is not None
    run = subprocess.run(
        [sys.executable, "-c", code.group(1)], check=False, capture_output=True, text=True, cwd=tmp_path, env=_environment(), timeout=120
    )
    assert run.returncode == 0, run.stderr
    assert "Summary(" in run.stdout


def _environment() -> dict[str, str]:
    import os

    return {**os.environ, "PYTHONPATH": str(ROOT)}


@pytest.mark.parametrize("name", ["README.md", "CHANGELOG.md", "CONTRIBUTING.md"])
def test_links_between_documents_lead_somewhere(name: str) -> None:
    """Every relative link of the documents points at a file that is there."""
    text = (ROOT / name).read_text(encoding="utf-8")
    for target in re.findall(r"\]\((?!https?:)([^)#]+)\)", text):
        assert (ROOT / target).exists(), target
