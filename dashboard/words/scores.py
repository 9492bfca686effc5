"""Words of the scores table."""

TITLE = "Scores of these curves"
CAPTION = (
    "From the test part, over the common range from the cheapest to the dearest single model; every curve is extended "
    "to the left by the cheapest model and flat to the right. The slider of each bold curve is turned, the others stay where they "
    "are. A curve's best point is picked with hindsight here, "
    "so small leads mean little: look at the bands. "
    "Grey cells are not defined for this data."
)
COLUMNS = {
    "strategy": ("Strategy", "In the order in which they are in play.", None),
    "aiq": ("AIQ", "Mean quality under the curve's hull over the common cost range (arXiv 2403.12031).", "percent"),
    "aiq_gain": ("over zero router", "AIQ minus that of the zero router: what looking at the query is worth.", "percent"),
    "aiq_gain_low": (
        "at least",
        "One-sided 95 % bound of that lead, less what chance adds to a hull; not above 0 means: not told apart from blind mixing.",
        "percent",
    ),
    "apgr": (
        "APGR",
        "Area under recovered performance gap against the share of calls to the stronger model, exact area (arXiv 2406.18665).",
        "%.3f",
    ),
    "apgr_11": ("APGR, 11 points", "The published form with ten equal steps.", "%.3f"),
    "cpt50": ("CPT 50", "Least share of calls to the stronger model that recovers half of the performance gap.", "percent"),
    "cpt80": ("CPT 80", "The same for four fifths of the gap.", "percent"),
    "napgr": (
        "nAPGR",
        "More than two models: area under the recovered gap between the cheapest and the dearest model, against the cost between them.",
        "%.3f",
    ),
    "ncpt50": (
        "nCPT 50",
        "Least cost that recovers half of that gap: 0 is the cheapest model's cost, 100 % the dearest one's; a cascade may need more.",
        "percent",
    ),
    "ncpt80": ("nCPT 80", "The same for four fifths of the gap.", "percent"),
    "saving": (
        "Saving at equal quality",
        "Least cost that reaches the best single model's quality, as a saving, picked on test; empty if none does.",
        "percent",
    ),
}
