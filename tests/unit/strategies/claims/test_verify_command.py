"""`python -m strategies verify`: exit codes, words, JSON."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace

from strategies.claims import claim
from strategies.claims.make import sealed
from strategies.cli import main


def test_equal_differs_and_not_judged_are_told_by_the_exit_code(study, cascade, file, tmp_path, capsys):
    """0, 1 and 2; both values and the difference are said, and the reason."""
    made = claim(study, cascade, "quality")
    path = tmp_path / "claim.json"
    path.write_text(made.to_json(), encoding="utf-8")
    assert main(["verify", str(path), str(file)]) == 0
    assert capsys.readouterr().out.startswith("Equal.")
    path.write_text(sealed(replace(made, value=0.5)).to_json(), encoding="utf-8")
    assert main(["verify", str(path), str(file)]) == 1
    said = capsys.readouterr().out
    assert said.startswith("Differs.")
    assert "value: claimed 0.5" in said
    assert repr(made.value) in said
    assert main(["verify", str(path), str(tmp_path / "none.csv")]) == 2
    assert "no file" in capsys.readouterr().out
    path.write_text("{}", encoding="utf-8")
    assert main(["verify", str(path), str(file)]) == 2
    assert "no claim" in capsys.readouterr().err


def test_json_says_the_same(study, cascade, file, tmp_path, capsys):
    """The JSON form has outcome, both values, reasons and every check."""
    path = tmp_path / "claim.json"
    path.write_text(claim(study, cascade, "latency").to_json(), encoding="utf-8")
    assert main(["verify", str(path), str(file), "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["outcome"], said["difference"], said["claimed"]) == ("equal", 0, said["found"])
    assert all(check["same"] for check in said["checks"])


def test_it_runs_as_a_module_and_says_its_codes():
    """`python -m strategies verify --help` needs no data and no model."""
    done = subprocess.run([sys.executable, "-m", "strategies", "verify", "--help"], capture_output=True, text=True, check=True)
    assert "exit codes" in done.stdout
