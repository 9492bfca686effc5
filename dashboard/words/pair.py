"""Words of "A against B" and of the best of many, on the Compare page."""

LEADS = "**{title}** leads with {figure} of {shown}; corrected for being the best of {n}: {corrected}, at least {bound} ({level})."
FIGURES = {"aiq": "an AIQ", "equal_cost": "a quality at equal cost"}
TIES = " Not told apart from the best: {names}. They are marked in the table."
ONE_TIE = " Not told apart from the best: {names}, marked in the table."
NO_TIES = " All others are surely behind it."
ALL_TIES = " None of the others is told apart from it."
MORE_NAMES = "{n} more"
NAMED = 3
LEADER, TIED = "leads", "not told apart"

TITLE = "A against B"
INTRO = "The same queries answered by both, so what is hard for both cancels. Choose two here, or tick two rows of the table."
A, B, AT = "A", "B", "Compared"
AT_HELP = "All settings are chosen on calibrate; what is compared are their answers on the tested queries."
POINTS = {"equal_cost": "at equal cost", "equal_quality": "at equal quality", "at": "each where it is tuned"}
HOW = {
    "equal_cost": "Each at its best setting that cost no more than {model} on calibrate ({cost}).",
    "equal_quality": "Each at its cheapest setting that was as good as {model} on calibrate.",
    "at": "Each at its cheapest setting that kept {keep} of the best single model’s quality on calibrate.",
}
HOW_MODELS = "Two single models have no settings: each as it is."
UNMET = {
    "equal_cost": " **{title}** has no setting that costs so little: this is its nearest.",
    "equal_quality": " **{title}** has no setting that is so good: this is its nearest.",
    "at": " **{title}** has no setting that is so good: this is its nearest.",
}
SINGLE = "{name} (single model)"
SAME_TWICE = "Choose two different ones."
FITTING = "Fitting {title} for this comparison"
STOPPED = "Stopped before {title} was fitted."
AGAIN = "Fit it"
BROKE = "{title} could not be fitted: {why}"

TOLD = "With these {n} queries **{better}** is better than **{worse}**, by {gap} points ({low} to {high})"
UNTOLD = "With these {n} queries you cannot tell **{a}** and **{b}** apart in quality"
SETTLE = "; about {more} more of the same mix would settle it"
NEVER = "; their means are equal, so no number of queries would settle it"
SAME = "**{a}** and **{b}** are equally good on every one of these {n} queries"
UNKNOWN = "How **{a}** and **{b}** compare in quality is not known"
CHEAPER = {
    "same": ", and they cost the same",
    "untold": ", and no difference in cost can be told",
    "unknown": ", and what they cost is not known",
}
TIMES, DEARER, CHEAP = ", and {a} costs {times} times as much", ", and {a} costs more", ", and {a} costs less"
LESS, MORE = ", and {a} costs {share} less", ", and {a} costs {share} more"
TOLD_LESS, TOLD_MORE = "; that {a} costs {share} less is not chance", "; that {a} costs {share} more is not chance"
FEW = " Fewer than 100 queries: right and wrong answers are counted exactly."

QUALITY = "Quality"
COSTS = {"USD": "Cost of 1,000", "share": "Sent to the strong model", "relative": "Relative cost"}
ROW_LESS, ROW_INTERVAL, ROW_P, ROW_MORE = "A less B", "95 % interval", "Permutation p", "More queries to settle it"
P_HELP = {
    "exact": "Paired permutation test, two-sided: all flips of sign, counted exactly.",
    "drawn": "Paired permutation test, two-sided: 10,000 flips of sign, drawn by a fixed seed.",
    "normal": "Paired permutation test, two-sided: by the normal law of so many flips of sign.",
    "none": "A value is not known.",
}
METHODS = {
    "exact": "Exact, from counts of queries that only one of the two has right.",
    "bootstrap": "Bootstrap over queries, the mix of tasks kept.",
    "normal": "Normal approximation, the mix of tasks kept.",
    "unknown": "A value is not known.",
}
MORE_HELP = "How many further queries of the same mix tell them apart with a chance of 80 %, if the truth is what is seen now."
ENDS, ABOUT = "{low} to {high}", "about {n}"
SETTLED, ENDLESS = "told apart", "no number"
P_LEAST = 0.0001
SMALL_P = "< 0.0001"
DOMINATES = (
    "Chance that A dominates B (no worse, no dearer, better in one of the two): **{up}**. That B dominates A: **{down}**. "
    "From 1,000 resamples of the queries."
)
TABLE_LABEL = "A against B in figures"

PICTURE = "Where they differ"
ALL, OTHERS = "All queries", "{n} other tasks"
B_BETTER, A_BETTER, NET = "{b} better", "{a} better", "difference of the means, in points"
ALIKE = "{share} alike"
AXIS = "← B better · % of the queries · A better →"
HOVER = "A better on {wins}, B better on {losses}, alike on {ties} of {queries}; A less B {difference} points"
PICTURE_ALT = "Bars by task: on how many queries A ({a}) is better than B ({b}), and the other way round. In all: {said}."
