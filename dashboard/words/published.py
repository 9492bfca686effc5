"""Words of the page Published, and of claims."""

TITLE = "Published against ours"
INTRO = (
    "What papers and boards print, beside what our formulas give on the same data. Figures of others are facts with their source; ours are "
    "computed on this computer, now. A difference says why, as far as that is known."
)
WORKING = "Recomputing the published figures"
SUMMARY = "**{known} of {total}** are recomputed here: **{agrees} agree**, **{differs} differ**. {missing} wait for a copy of their data."
FILTER = "Show"
VERDICTS = {"agrees": "✓ agrees", "differs": "≠ differs", "bring": "bring your copy", "stated": "not recomputed"}
FILTERS = {"agrees": "Agrees", "differs": "Differs", "bring": "Bring your copy", "stated": "Not recomputed"}
COUNTS = {"agrees": "{n} agree", "differs": "{n} differ", "bring": "bring your copy", "stated": "{n} not recomputed"}
HEAD = ("Figure", "Published", "Ours", "Difference", "Verdict")
LABEL = "Published figures of {title}, ours beside them"
COUNTED = "Counted by somebody else from the authors' files, not printed by them."
PRINTED = "Printed by the authors."
FROM_MINE = "Ours from your set {name}."
FROM_FOLDER = "Ours from the recorded outcomes beside this installation."
FROM_NOTHING = "Ours from the printed figures alone: no data is needed."
LICENCE = "Data: {licence}."
WHY = "{verdict}: {why} ({what})."
AND_MORE = "{first} and {n} more"
BRING = "Bring your copy: {how}."
HOW_MODELS = "a set with the models {models} and {n} queries is recognised"
HOW_NAME = "a set with {n} queries whose name holds “{named}” is recognised"
HOW_NAME_ONLY = "a set whose name holds “{named}” is recognised"
TO_DATA = "To the Data page"
NONE = "No figure is left by this choice."

CLAIM = "Claim a figure"
CLAIM_HELP = "A small file with the figure, its interval and all it rests on. Anybody who has the data can recompute it."
CLAIM_FIGURE = "Figure"
CLAIM_STRATEGY = "Strategy"
CLAIM_FIGURES = {
    "quality": "Quality",
    "gap": "Quality less that of the best single model",
    "cost": "Cost per 1,000 queries",
    "saving": "Cost saved against the best single model",
    "latency_p95": "Latency, 95th percentile",
    "latency": "Mean latency",
    "aiq": "AIQ along all its knobs",
    "kept": "Quality kept, as a share of the best single model's",
    "cost_share": "Cost, as a share of the best single model's",
}
CLAIM_DOWNLOAD = "Claim (JSON)"
CLAIM_COMMAND = "It is recomputed, and said equal or not, by:"
CLAIM_UPLOADED = "with the file that the set came from"
CLAIM_PREVIEW = "This is a preview on a part of the queries: figures can be claimed once all prompts are read."
CLAIM_GOAL = "At the goal of the table: {goal}."
GOALS = {
    "at": "{keep} of the best single model's quality at the least cost",
    "equal_quality": "the best single model's quality at the least cost",
    "equal_cost": "the best quality for the best single model's cost",
}
CLAIM_POLICY, CLAIM_OPTIONS = "Policy", ("The answer", "What comes closest", "What is not proved", "The runner-up")
CLAIM_OWN_SPLIT = (
    "Figures of this answer cannot be claimed: with fewer than 1,000 queries this page splits the set by itself, and a claim is recomputed "
    "on the split of the other pages. Put the policy in play and claim its figures on Trade-offs, over all tested queries."
)
CLAIM_FOUND = "Over the tested queries, as in the sentences here. The proof cannot be claimed: it rests on the whole search."
CLAIM_AIMS = {
    "energy": "Nor can energy: it rests on a device or an estimate that a claim does not hold.",
    "worth": "Nor can what it is worth: that is your price of a wrong answer times the quality, less the cost, which can be claimed.",
}
CLAIM_OTHERS = (
    "The bill of a month is the cost times your volume. What the conclusion hangs on and break-even prices cannot be claimed: no declared "
    "metric says them."
)
CLAIM_ASSUMED = "Under the assumptions"
CLAIM_LIST = "As it is: figures under a price list of your own cannot be claimed, because a claim does not hold the list."
CLAIM_SIGNAL = (
    "Over the tested queries that have the signal. What a signal brings and costs, and who covers whom, cannot be claimed yet: "
    "no declared metric says it."
)
