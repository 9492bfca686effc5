"""Colours: contrast, colour-vision deficiency, order, and agreement with Streamlit's own theme."""

from __future__ import annotations

import itertools
import math
import tomllib
from pathlib import Path

import numpy as np
import pytest

from dashboard import theme
from dashboard.components import plane

ROOT = Path(__file__).resolve().parents[4]
# Full protanopia, deuteranopia and tritanopia in linear RGB. Source: Machado, Oliveira and Fernandes 2009.
DEFICIENT = {
    "none": np.eye(3),
    "protan": np.array([[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]),
    "deutan": np.array([[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]),
    "tritan": np.array([[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]),
}
CONE = np.array(
    [[0.4122214708, 0.5363325363, 0.0514459929], [0.2119034982, 0.6806995451, 0.1073969566], [0.0883024619, 0.2817188376, 0.6299787005]]
)
LAB = np.array(
    [[0.2104542553, 0.7936177850, -0.0040720468], [1.9779984951, -2.4285922050, 0.4505937099], [0.0259040371, 0.7827717662, -0.8086757660]]
)


def oklab(colour, sight):
    """Return a colour in OKLab as somebody with this sight sees it."""
    channels = np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    return LAB @ np.cbrt(CONE @ np.clip(DEFICIENT[sight] @ linear, 0, 1))


@pytest.mark.parametrize("sight", sorted(DEFICIENT))
@pytest.mark.parametrize("mode", ["light", "dark"])
def test_strategies_stay_apart_for_every_eye(mode, sight):
    """Any two of the eight differ by more than 0.06 in OKLab under each simulated deficiency."""
    seen = [oklab(colour, sight) for colour in theme.palette(mode).strategies]
    assert len(seen) == 8
    assert min(float(np.linalg.norm(a - b)) for a, b in itertools.combinations(seen, 2)) > 0.06


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_text_and_marks_have_enough_contrast(mode):
    """Text reaches AA (4.5) on paper and panel, marks 3."""
    c = theme.palette(mode)
    assert all(
        theme.contrast(colour, ground) >= 4.5 for colour in (c.ink, c.muted, c.right, c.wrong, c.warn) for ground in (c.paper, c.panel)
    )
    assert all(theme.contrast(colour, c.paper) >= 3 for colour in (*c.strategies, c.accent, c.oracle, c.faint))


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_the_model_scale_is_ordered(mode):
    """Each dearer model stands out more from the paper, so that the order reads without a legend."""
    paper = theme.palette(mode).paper
    steps = [theme.contrast(theme.model_colour(rank, mode), paper) for rank in np.linspace(0, 1, 51)]
    assert steps == sorted(steps)
    assert theme.model_colour(math.nan, mode) == theme.model_colour(0.5, mode)


def test_text_on_every_model_colour_is_readable():
    """Text inside the flow bar reaches AA on every step of the scale."""
    grounds = [theme.model_colour(rank, mode) for mode in ("light", "dark") for rank in np.linspace(0, 1, 51)]
    assert min(theme.contrast(theme.ink_on(ground), ground) for ground in grounds) >= 4.5


def test_right_and_wrong_have_glyphs():
    """Right, wrong and unknown differ by shape, not by colour alone."""
    assert len({theme.glyph(answer)[0] for answer in (True, False, None)}) == 3


def test_streamlit_uses_the_same_colours():
    """config.toml repeats the palette's colours, since Streamlit reads nothing else."""
    config = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text())["theme"]
    for mode in ("light", "dark"):
        c, own = theme.palette(mode), config[mode]
        assert (own["primaryColor"], own["backgroundColor"], own["secondaryBackgroundColor"]) == (c.accent, c.paper, c.panel)
        assert (own["textColor"], own["borderColor"]) == (c.ink, c.line)
        assert tuple(own["chartCategoricalColors"]) == c.strategies


def test_the_plotly_template_is_a_plain_dict():
    """Charts get the palette without importing plotly."""
    layout = theme.plotly_template("dark")["layout"]
    assert layout["colorway"] == list(theme.DARK.strategies)
    assert theme.strategy_colour(8) == theme.strategy_colour(0)


def test_the_module_is_joined_without_imports():
    """The browser gets one plain ES module: no import, one default export, nothing from the network."""
    code = plane.module()
    assert code.count("export default") == 1
    assert "\nimport " not in code
    assert "http" not in code.replace("http://www.w3.org/2000/svg", "")
    assert sorted(path.name for path in plane._HERE.glob("*.js") if path.name != "nudge.js") == sorted(plane.PARTS)
