"""What the stage says: templates with {placeholders}, filled in the browser and by its Python twin.

Keys are stable; a page may replace some of them through `Scene.words`. No other prose lives in the component.
"""

from __future__ import annotations

from collections.abc import Mapping

FINDING: Mapping[str, str] = {
    "finding.keeps": "{strategy} keeps {keeps} of {best}’s quality {price}",
    "finding.beats": "{strategy} beats {best} by {gap} points {price}",
    "finding.above": "{strategy} scores {gap} points above {best} {price}; how sure that is, is not known",
    "finding.level": "{strategy} cannot be told apart from {best} in quality ({gap} points, {low} to {high}) {price}",
    "finding.below": "{strategy} is worse than blind mixing here: {quality} where mixing models reaches {zero} for the same {budget}",
    "finding.nogain": "{strategy} shows no gain over blind mixing here: {quality} ± {half} where mixing single models reaches {zero}",
    "finding.unknown": "The quality of {strategy} at this setting is not known",
    "finding.single": "{best} is the best single model: {quality}",
    "finding.empty": "No model has a known quality yet",
    "finding.bound": "A reference, not a policy: {finding}",
    "finding.n": " (on {n} test queries).",
    "price.usd_per_1k": "at {share} its cost",
    "price.relative": "at {share} its assumed cost",
    "price.share": "while sending {x} of queries to {strong}",
    "price.s": "at {share} its latency",
    "price.free": "while {best} is free",
    "price.unknown": "at a cost that is not known",
    "price.unknown_s": "at a latency that is not known",
    "budget.usd_per_1k": "money",
    "budget.relative": "money",
    "budget.share": "share sent on",
    "budget.s": "time",
}

CARDS: Mapping[str, str] = {
    "card.title": "At this point",
    "card.quality": "Quality",
    "card.usd_per_1k": "Cost per 1,000 queries",
    "card.relative": "Relative cost",
    "card.share": "Sent to {strong}",
    "card.s": "Mean latency",
    "card.sends": "Answered by {last}",
    "card.latency": "Latency",
    "card.money": "Per month",
    "card.vs": "{gap} points vs {best}",
    "card.range": "{low} to {high}",
    "card.vs_x": "{change} vs {best}",
    "card.assumed": "assumed",
    "card.mean": "mean",
    "card.p95": "p95 {value}",
    "card.not_recorded": "not recorded",
    "card.not_known": "not known",
    "card.month": "{n} queries; {best} would be {value}",
    "card.below_floor": "below the floor",
    "card.over_budget": "over the budget",
    "card.no_interval": "interval not known",
}

PLANE: Mapping[str, str] = {
    "plane.alt": "Quality against {x} for {models} single models and {strategies} strategies.",
    "plane.handle": "{strategy}, {knob}: move along its curve",
    "plane.value": "{knob} {setting}, quality {quality}, {xname} {x}, {share} answered by {last}",
    "plane.calibrate": "as chosen (calibrate)",
    "plane.test": "on unseen queries (test)",
    "plane.random": "same model shares, at random",
    "plane.oracle": "oracle",
    "plane.zero": "blind mixing of single models",
    "plane.envelope": "best of everything shown",
    "plane.floor": "Quality floor",
    "plane.budget": "Budget",
    "plane.floor_short": "floor",
    "plane.budget_short": "budget",
    "plane.floor_hint": "Quality floor: drag up, or use the arrow keys; double click or Delete removes it",
    "plane.budget_hint": "Budget: drag left, or use the arrow keys; double click or Delete removes it",
    "plane.floor_off": "no floor",
    "plane.budget_off": "no budget",
    "plane.linear": "linear",
    "plane.log": "log",
    "plane.scale": "Scale of the horizontal axis",
    "plane.free": "a log scale has no place for zero",
    "plane.few": "Fewer than 100 test queries: single points with their intervals, no curves.",
    "plane.dots": "Models",
    "plane.dot": "{name}: quality {quality}, {xname} {x}, on {n} queries",
    "plane.open": "click for the decisions behind it",
    "plane.select": "click to select",
    "axis.usd_per_1k": "{label}, $ per 1,000 queries",
    "axis.relative": "{label}",
    "axis.share": "{label}, %",
    "axis.s": "{label}, seconds",
    "x.usd_per_1k": "cost per 1,000",
    "x.relative": "relative cost",
    "x.share": "sent to {strong}",
    "x.s": "latency",
    "plane.n": "queries",
    "stage.title": "Trade-off of quality and cost",
    "legend.strategies": "Strategies",
}

CAUTIONS: Mapping[str, str] = {
    "cautions.label": "What to know of these figures",
    "cautions.more_one": "1 more",
    "cautions.more": "{n} more",
    "cautions.dismiss": "Dismiss: {text}",
    "cautions.away_one": "1 dismissed: show it",
    "cautions.away": "{n} dismissed: show them",
}

FLOW: Mapping[str, str] = {
    "flow.title": "Where queries go",
    "flow.stops": "stops {share}",
    "flow.goes": "goes on {share}",
    "flow.answers": "answers {share}",
    "flow.called": "called {share}",
    "flow.others": "{n} others",
    "flow.alt": "Share of queries answered by each model: {shares}",
    "knobs.higher": "Higher {means}.",
    "knobs.none": "{strategy} has nothing to set.",
}

WORDS: Mapping[str, str] = {**FINDING, **CAUTIONS, **CARDS, **PLANE, **FLOW}
