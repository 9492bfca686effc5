"""Words of the Compare page."""

TITLE = "Compare"
INTRO = (
    "Every strategy on the same queries: fitted on the first part, its settings chosen on the second, every figure from the third. "
    "No strategy is shown at its luckiest."
)
FAMILY = "Families"
FAMILY_HELP = "None chosen: all of them."
COMPARE = "Compare all"
COMPARE_N = "Compare {n}"
COMPARE_HELP = "{n} strategies, each fitted and swept over its whole frontier in {workers} of its own processes."
COMPARE_HELP_ONE = "{n} strategies, each fitted and swept over its whole frontier in a process of its own."
TITLE_JOB = "Comparing strategies"
READY = "{n} strategies can run on this data; {absent} cannot, which the table will explain. The picture shows what they have to beat."
READY_ALL = "{n} strategies can run on this data. The picture shows what they have to beat."
BEGINNING = "Starting {n} strategies"
RUNNING = "{done} of {total} done{left}{now}"
WARMING = " · starting the workers"
LEFT, NOW, AND = " · {time} left", " · now {names}", ", "
SECONDS, MINUTES = "about {n} s", "about {n} min"
STOP, GO_ON, AGAIN, RETRY = "Stop", "Go on", "Measure again", "Try again"
AGAIN_HELP = "The figures stay the same; the times are taken anew."
STOPPED = "Stopped after {done} of {total}."
FAILED = "The comparison could not be made: {why}"

REFERENCE = (
    "Best single model: **{best}**, {quality} ± {half} at {cost}. Mixing models blindly (zero router): AIQ {zero}. "
    "Any model at random: {random} at {random_cost}."
)
REFERENCE_NO_AIQ = "Best single model: **{best}**, {quality} ± {half} at {cost}. Any model at random: {random} at {random_cost}."
COSTS = {"USD": "{amount} per 1,000 queries", "share": "{amount} sent to the strong model", "relative": "a relative cost of {amount}"}

TOP = (
    "Of {n} strategies **{title}** has the highest AIQ: {aiq}, {lead} points above blind mixing, at least {bound} "
    "(95 %, for all of them at once)."
)
TOP_UNKNOWN = "Of {n} strategies **{title}** has the highest AIQ: {aiq}, {lead} points above blind mixing."
TOP_NOTHING = (
    "Of {n} strategies none can be told apart from mixing models blindly. The highest AIQ is that of **{title}**: {aiq}, "
    "{lead} points above blind mixing, which may be chance."
)
TOP_ONE = "**{title}** has an AIQ of {aiq}, {lead} points above blind mixing, at least {bound} (95 %)."
SAVES = " The cheapest that keeps {best}’s quality is **{title}**: {cost} of its cost, {gap} points ({low} to {high}) beside it."
NOBODY_SAVES = " None keeps {best}’s quality for less."
TIED = " {n} of them show no sure gain over blind mixing."
SO_FAR = " So far."
NO_AREA = "{n} strategies compared. Fewer than 100 queries were tested: their points with exact intervals, no curves and no areas."
SAME_COST = "{n} strategies compared. All models cost the same, so there is no area under a curve to compare."
NOTHING = "No strategy of these families can run on this data."

LIT = "Highlighted"
LIT_HELP = "At most eight. None chosen: those with the highest AIQ."
PLANE_ALT = (
    "Quality against cost on the tested queries: {lit} highlighted among {n} strategies, with single models and blind mixing. {said}"
)
NO_ONE = "none"
REST = "other strategies"
RING = "keeps {keep} on calibrate, shown on test"
CROSS = "same model shares, at random"
UNIFORM = "any model at random"
KEY_MODELS, KEY_MIX, KEY_ORACLE = "single models", "blind mixing (zero router)", "oracle (a bound)"
PLANE_CAPTION = (
    "Each line is a strategy's whole frontier: its settings were chosen on calibrate, so it is not the best of the test queries. "
    "Between two settings one mixes."
)
HOVER = "%{y:.1%} · %{x:.3g}"

TABLE = "The table"
TABLE_ALT = "One row a strategy: AIQ, quality and cost at three settings chosen on calibrate, times. {said}"
PUT, IN_PLAY, FULL = "Put in play", "In play", "{n} are in play, which is the most: take one out on Trade-offs first."
PUT_HINT = "“Put in play” adds a strategy to Trade-offs at the setting of this table; “In play” leads there."
COLUMNS = {
    "strategy": ("Strategy", "Press a column's name to sort.", None),
    "put": ("On Trade-offs", PUT_HINT, None),
    "aiq": (
        "AIQ",
        (
            "Mean quality under the curve over the cost range from the cheapest to the dearest model (arXiv 2403.12031). Its settings "
            "were chosen on calibrate, the hull is drawn through what they reach on test."
        ),
        "percent",
    ),
    "lead": ("Over blind mixing", "AIQ less that of the zero router: what looking at the query is worth, in points.", "points"),
    "bound": (
        "At least",
        (
            "One-sided 95 % bound of that lead, for all compared strategies at once (studentised bootstrap, single-step maximum, less "
            "what chance adds to a hull): the best of many is not flattered. Not above 0: not told apart from blind mixing."
        ),
        "points",
    ),
    "best": (
        "Beside the best",
        "“Not told apart”: on these queries it may as well be the best; with 95 % the truly best one is among those and the leader.",
        None,
    ),
    "quality": (
        "Quality",
        "On test, at the cheapest setting that keeps {keep} of the best single model’s quality on calibrate.",
        "percent",
    ),
    "half": ("±", "Half of that quality's 95 % interval.", "plain"),
    "cost": ("Cost", "On test, at that setting. {unit}.", "money"),
    "saving": (
        "Saving at equal quality",
        (
            "1 less the cost beside the best single model's, at the cheapest setting that reaches its quality on calibrate. "
            "Empty: no setting does."
        ),
        "percent",
    ),
    "saving_gap": (
        "… quality held",
        "Quality on test at that setting less the best single model's, in points, with its 95 % interval: whether the promise held.",
        None,
    ),
    "equal_cost": (
        "Quality at equal cost",
        "On test, at the best setting that costs no more than the best single model on calibrate. Empty: all cost more.",
        "percent",
    ),
    "over_best": ("… over the best model", "That quality less the best single model's, in points.", "points"),
    "over_best_range": ("… 95 %", "The interval of that difference, paired by query.", None),
    "random": (
        "Same shares at random",
        "Quality when the models of that setting are dealt to random queries: what the shares alone buy.",
        "percent",
    ),
    "over_random": ("… over random", "What choosing the queries adds to that, in points.", "points"),
    "fit_s": ("Fit", "Seconds to fit; several strategies are measured beside each other.", "seconds"),
    "decide_us": ("Decide", "Microseconds a query in replay, its features and neighbours at hand.", "micro"),
    "peak_mib": ("Memory", "MiB that fitting and sweeping took on top of the data; empty where the system does not tell.", "mib"),
    "family": ("Family", "How it works.", None),
}
UNITS = {"USD": "In USD per 1,000 queries", "share": "The share of queries sent to the strong model", "relative": "Relative, per query"}
RANGE = "{mean} ({low} to {high})"
INTERVAL = "{low} to {high}"

ABSENT = "Not in the table ({n})"
ABSENT_HEAD = ("Strategy", "Why")
CANNOT = "Cannot run here: {why}"
BROKE = "Broke: {why}"

CSV, JSON = "Table (CSV)", "All figures (JSON)"
CAUTION = (
    "The order rests on test queries, and the first of many is partly lucky: look at “At least” and at the intervals, not at small leads. "
    "Each strategy runs with its default options; knobs without a curve stay where they are. Own costs of a method (repeated answers, "
    "self-checks) are in its cost, not in the random control's."
)
CROSSED = "Cross-fitted: fit times are of all five fits together."
