"""From a study to the picture."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from dashboard import scenes
from dashboard.scenes import Look
from strategies.proving import proving_ground
from strategies.study.prepare import prepare

LOOK = Look(axis="cost", scale="", selected="a", knob="", monthly=1e5)


def test_a_picture_depends_on_who_is_left_out_and_why():
    """The same models in play, chosen or by default: the dots of those seen in part differ, and so does the key of the picture."""
    table = proving_ground(1200)
    quality = np.array(table.numbers["quality"])
    quality[:600, 1] = np.nan
    holed = replace(table, numbers={**table.numbers, "quality": quality}, stored_fingerprint="")
    drawn = [prepare(holed), prepare(holed, pool=("m0", "m2", "m3"))]
    assert drawn[0].pool == drawn[1].pool
    counts = [len(scenes.scene(study, [], LOOK).dots) for study in drawn]
    assert counts[0] == counts[1] + 1
    assert scenes.scene_key(drawn[0], [], LOOK) != scenes.scene_key(drawn[1], [], LOOK)
