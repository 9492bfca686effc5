"""Words of the scores table."""

TITLE = "Scores of these curves"
CAPTION = (
    "From the test part, over the common range from the cheapest to the dearest single model; every curve is extended "
    "to the left by the cheapest model and flat to the right. A curve's best point is picked with hindsight here, "
    "so small leads mean little: look at the bands. "
    "Grey cells are not defined for this data."
)
COLUMNS = {
    "strategy": ("Strategy", "In the order in which they are in play.", None),
    "aiq": ("AIQ", "Mean quality under the curve's hull over the common cost range (arXiv 2403.12031).", "percent"),
    "aiq_gain": ("over zero router", "AIQ minus that of the zero router: what looking at the query is worth.", "percent"),
    "apgr": (
        "APGR",
        "Area under recovered performance gap against the share of calls to the dearest model, exact area (arXiv 2406.18665).",
        "%.3f",
    ),
    "apgr_11": ("APGR, 11 points", "The published form with ten equal steps.", "%.3f"),
    "cpt50": ("CPT 50", "Least share of calls to the dearest model that recovers half of the performance gap.", "percent"),
    "cpt80": ("CPT 80", "The same for four fifths of the gap.", "percent"),
    "saving": (
        "Saving at equal quality",
        "Least cost that reaches the best single model's quality, as a saving; empty if none does.",
        "percent",
    ),
}
