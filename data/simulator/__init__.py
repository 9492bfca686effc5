"""A world of queries and models in which every assumption is a dial; always and everywhere marked *simulated*.

`simulate(World(models=(SimModel(name="small", accuracy=0.6), SimModel(name="large", accuracy=0.9))))` is an outcome table like any
other. `dials(world)` lists what can be turned, `turned(world, path, value)` turns it, `promise(world)` says beforehand what the
table will show.
"""

from __future__ import annotations

from data.simulator.dials import Dial, dials, turned
from data.simulator.parameters import Option, Parameter
from data.simulator.presets import Preset, Published, preset, presets
from data.simulator.promise import Promise, promise
from data.simulator.simulate import simulate
from data.simulator.twin import Fact, Twin, twin
from data.simulator.world import Shift, SimModel, Topic, World
from data.simulator.worth import Worth, asked, measured

__all__ = [
    "Dial",
    "Fact",
    "Option",
    "Parameter",
    "Preset",
    "Promise",
    "Published",
    "Shift",
    "SimModel",
    "Topic",
    "Twin",
    "World",
    "Worth",
    "asked",
    "dials",
    "measured",
    "preset",
    "presets",
    "promise",
    "simulate",
    "turned",
    "twin",
]
