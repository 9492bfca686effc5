"""Words of the section with every declared figure of a point."""

from __future__ import annotations

from collections.abc import Mapping

TITLE = "All figures of this point"
INTRO = (
    "{strategy} at its settings, on {n} test queries. Press a figure for its formula, its source and what to mind; “along” a slider means "
    "the whole curve of that slider. 95 % intervals by the bootstrap over queries{tasks}; AIQ has what it is at least, and other "
    "maxima, hulls and bin counts have none, for such an interval would not hold."
)
TASKS = ", which keeps the mix of tasks"
HEAD = ("Figure", "Value", "95 % interval", "Better", "Unit")
LABEL = "{group}: figures of this point"
BETTER: Mapping[str, str] = {"higher": "↑ higher", "lower": "↓ lower", "neither": "–"}
OF: Mapping[str, str] = {
    "run": "", "policy": "", "pool": "of the models alone", "curve": "along {knob}", "signal": "of the first confidence",
}  # fmt: skip
NONE = "n/a"
RANGE = "range: {span}"
BOUND = "at least {low}"
SPAN = "{low} to {high}"
FORMULA, SOURCE, MIND, ALSO, WITH = "Formula", "Source", "Mind", "Also called", "Measured with"
WORKING = "Drawing the intervals of ratios"
TOO_MANY = "Above 50,000 tested queries the ratios have no interval here."
UNITS: Mapping[str, str] = {
    "s": "per query", "s per query": "per query", "kWh per 1,000 queries": "per 1,000 queries",
    "kg CO2e per 1,000 queries": "CO2-equivalent per 1,000 queries",
}  # fmt: skip
COST_UNITS: Mapping[str, str] = {"share": "calls of the stronger model", "relative": "relative cost"}

WHY: Mapping[str, str] = {
    "mixture": "Of a random mixture only means are known.",
    "no curve": "This strategy has nothing to turn, so it has no curve.",
    "no confidence": "It compares no confidence.",
    "few": "Fewer than 100 queries are tested: no curve.",
    "later": "The strategy is run anew for it: press Measure.",
    "energy": "Not known: see the energy of this point.",
    "undefined": "Not defined on these queries.",
}
_NEVER_AS_GOOD = "No setting of this curve is as good as {best}."
_TWO_MODELS = "For two models: this curve calls a third one, or its strong model is no better than its weak one."
UNDEFINED: Mapping[str, str] = {
    "saving_at_equal_quality": _NEVER_AS_GOOD,
    "qnc": _NEVER_AS_GOOD,
    "quality_at_equal_cost": "No setting of this curve is as cheap as {best}.",
    "quality_at_spend": "Drag a budget into the plane: that is the spend. None is drawn, or no setting costs so little.",
    "spend_at_quality": "No setting of this curve is that good.",
    "apgr": _TWO_MODELS,
    "apgr_routellm_11": _TWO_MODELS,
    "cpt": f"{_TWO_MODELS} Or that share is never recovered.",
    "ncpt": "That share is never recovered.",
    "pgr": "The strong model is no better than the weak one.",
    "npgr": "The priciest model is no better than the cheapest.",
    "ibc": "It costs nearly what the weak model costs: nothing to divide by.",
    "ibc_lift": "It costs nearly what the weak model costs: nothing to divide by.",
    "saving": "{best} is free.",
    "auroc": "All answers are right, or all wrong.",
}

SETTINGS = "Settings"
SETTINGS_HELP = "What these figures depend on."
OPTIONS: Mapping[str, str] = {
    "tolerance": "Quality that may be given up", "Cost.level": "Quality to be reached",
    "Gap recovered.level": "Share of the gap to be recovered", "regions": "Regions", "beta": "Weight of the cost (β)",
    "cheapness": "How cheapness is scaled", "alpha": "IES: weight of the quality (α)", "wait": "IES: wait that is accepted, seconds",
    "response": "IES: how the response falls", "floor": "IES: least cost that counts", "form": "IES: form",
    "weight_money": "IES cost: money", "weight_latency": "IES cost: latency", "weight_energy": "IES cost: energy",
    "weight_memory": "IES cost: memory", "weight_compute": "IES cost: compute", "accuracy": "AIT: accuracy", "latency": "AIT: latency",
    "tokens": "AIT: tokens", "axes": "Hypervolume over", "right": "An answer counts as right from", "p": "Noisy oracle: share of oracle",
    "bins": "Bins of the calibration error",
}  # fmt: skip
MEASURE = "Measure"
MEASURE_HELP = "Robustness to noise in the prompts and the time to decide: the strategy is run anew, some seconds."
MEASURING = "Running the strategy anew"
CLAIM_HELP = "A small file with one of these figures and all it rests on. Anybody who has the data can recompute it."
