"""Worlds that start from published list prices and benchmark scores of named models; each figure has a source and a date.

Nothing measured is in them: the figures set a simulation's dials, and whatever isn't published (confidence, foresight, lengths where not
given) is the simulator's assumption. What a figure leaves out is said in the world's notes and beside the model's price.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from data.problems import refuse
from data.simulator.promise import levels_for
from data.simulator.world import SimModel, Topic, World, marked

_FILE = Path(__file__).with_name("presets.yaml")
_DISCRIMINATION, _SPREAD, _TOKENS_OUT = 1.2, 1.5, 300.0  # assumed
_UNITS = {
    "price_in": "USD per million tokens",
    "price_out": "USD per million tokens",
    "tokens_in": "tokens",
    "tokens_out": "tokens",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """One published figure. model, topic : "" = of the whole. listed : the entry of the price list, for prices from one."""

    what: str
    model: str
    topic: str
    value: float
    unit: str
    source: str
    url: str
    date: str
    listed: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Preset:
    """A world to start from. idea : one sentence. figures : all that is published about it; the rest is assumed."""

    id: str
    title: str
    idea: str
    world: World
    figures: tuple[Published, ...]


@cache
def presets() -> tuple[Preset, ...]:
    """Return the presets in the order of the file. Raises ProblemError for a figure without a known source."""
    import yaml

    told = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return tuple(_preset(each, told["sources"]) for each in told["presets"])


def preset(identity: str) -> Preset:
    """Return one preset by its id; ProblemError with the ids there are if there is none."""
    for each in presets():
        if each.id == identity:
            return each
    raise refuse(f"there is no preset {identity!r}.", f"Presets: {', '.join(each.id for each in presets())}.")


def _preset(told: Mapping[str, Any], sources: Mapping[str, Any]) -> Preset:
    figures = tuple(_figures(told, sources))
    topics = tuple(told.get("topics", ("all",)))
    accuracy = np.array([np.atleast_1d(model["accuracy"]["value"]) for model in told["models"]], dtype=np.float64)
    ability, strengths = _abilities(accuracy)
    models = tuple(
        SimModel(
            name=model["name"], title=model.get("title", ""), ability=float(ability[m]), discrimination=_DISCRIMINATION,
            strengths=tuple(strengths[m].tolist()) if len(topics) > 1 else (), accuracy=float(accuracy[m].mean()),
            price_in_usd_per_mtok=float(model["price_in"]["value"]), price_out_usd_per_mtok=float(model["price_out"]["value"]),
            source="; ".join([sources[model["price_in"]["source"]]["text"], *([model["note"]] if "note" in model else [])]),
            date=sources[model["price_in"]["source"]]["date"], tokens_out=float(model.get("tokens_out", {}).get("value", _TOKENS_OUT)),
            ex_ante_auroc=_telling(accuracy[m]) if told.get("knows_topic") else None, **told.get("assumed_of_models", {}),
        )
        for m, model in enumerate(told["models"])
    )  # fmt: skip
    given: dict[str, Any] = {name: float(told[name]["value"]) for name in ("correlation", "tokens_in") if name in told}
    given |= told.get("assumed", {}) | ({"ex_ante_difficulty": 1.0, "ex_ante_topic": 1.0} if told.get("knows_topic") else {})
    used = dict.fromkeys(f"{each.source} ({each.date})" for each in figures)
    world = World(
        name=marked(told["title"]), models=models, topics=tuple(Topic(name=name) for name in topics), sources=tuple(used),
        notes=tuple(told.get("notes", ())), difficulty_spread=_SPREAD, **given,
    )  # fmt: skip
    return Preset(id=told["id"], title=told["title"], idea=told["idea"], world=world, figures=figures)


def _abilities(accuracy: Any) -> tuple[Any, Any]:
    """Return (M,) abilities and (M, K) strengths that give (M, K) accuracies at the presets' discrimination and spread."""
    level = levels_for(accuracy, np.full(len(accuracy), _DISCRIMINATION * _SPREAD), np.ones(accuracy.shape[1])) / _DISCRIMINATION
    return level.mean(axis=1), level - level.mean(axis=1, keepdims=True)


def _telling(accuracy: Any) -> float:
    """Return the AUROC of knowing the topic alone, from (K,) accuracies on topics that are asked alike often; ties count half."""
    wins = (accuracy[:, None] > accuracy) + 0.5 * (accuracy[:, None] == accuracy)
    return float(accuracy @ wins @ (1 - accuracy) / (accuracy.sum() * (1 - accuracy).sum()))


def _figures(told: Mapping[str, Any], sources: Mapping[str, Any]) -> Iterator[Published]:
    for name in ("correlation", "tokens_in"):
        if name in told:
            yield from _published(name, "", told[name], ("",), sources)
    for model in told["models"]:
        for name in ("accuracy", "price_in", "price_out", "tokens_out"):
            if name in model:
                topics = tuple(told.get("topics", ("",))) if name == "accuracy" else ("",)
                yield from _published(name, model["name"], model[name] | {"listed": model.get("listed", "")}, topics, sources)


def _published(what: str, model: str, fact: Mapping[str, Any], topics: tuple[str, ...], sources: Mapping[str, Any]) -> Iterator[Published]:
    source = sources.get(fact.get("source", ""))
    values = np.atleast_1d(fact["value"])
    if source is None or not source.get("date") or len(values) != len(topics):
        raise refuse(f"{what} of {model or 'a preset'} has no source with a date, or not one value a topic.", "Give both.", file=_FILE.name)
    for topic, value in zip(topics, values, strict=True):
        yield Published(
            what=what, model=model, topic=topic, value=float(value), unit=_UNITS.get(what, ""), source=source["text"], url=source["url"],
            date=source["date"], listed=fact.get("listed", "") if what.startswith("price") else "",
        )  # fmt: skip
