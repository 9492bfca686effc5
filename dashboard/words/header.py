"""Words of the header and of its failed state."""

DATA = "Data"
KINDS = {"recorded": "recorded", "simulated": "simulated", "yours": "yours"}
FACTS = "**{name}** · {n} queries · {models} models in play · {split}"
SPLIT = "shown on {n} test queries"
CROSSED = "cross-fitted, every query tested once"
ASSUMED = "prices assumed"
SPLIT_LONG = (
    "The queries are in three parts. Strategies learn from the first (fit), thresholds are chosen on the second (calibrate), "
    "and every figure here comes from the third (test, {n} queries), which neither has seen. "
    "± and bands are 95 % intervals: how far the figure could move with other queries of the same kind."
)
ASSUMED_LONG = "Prices are assumed, not billed: every figure in money rests on them."
NO_PRICE = "no prices known"
PREVIEW = "preview on {n} queries"
COVERAGE = "Rests on {n} of {all} queries: those for which every model in play, and what it costs, is known."
LEFT_OUT = "Not in play: {models}."
LEFT_OUT_MORE = "{n} more"
CROSSED_LONG = (
    "Fewer than 1,000 queries: five-way cross-fitting. Every query is tested once by a policy that never saw it; "
    "the same queries also serve to choose the models and the threshold, which the intervals do not include."
)
NOTHING_TITLE = "Nothing to compare yet"
LINK_FILE = "This link was made with the file **{file}** ({key}). Upload it on the Data page and the link will open."
TO_DATA = "Go to the Data page"
USUAL_MODELS = "Back to the usual models"
BACK_TO_DEFAULT = "Open the bundled set"
FAILED = (
    "This page could not be drawn ({kind}: {what}). Your data and settings are kept. "
    "Try again; if it stays, please report it with the lines of the log."
)
NO_DETAILS = "no details"
AGAIN = "Try again"
SEVERITIES = {"error": ("error", "errors"), "warning": ("warning", "warnings"), "info": ("note", "notes")}
AUDIT_OPEN = "audit: {said} open"
AUDIT_TAIL = ", {n} decided"
AUDIT_DECIDED = "audit: {n} decided, none open"
AUDIT_CLEAN = "audit: nothing found"
AUDIT_RUNNING = "audit: still looking"
AUDIT_FAILED = "audit: could not be done"
AUDIT_HELP = "What the audit found in the numbers themselves, before any strategy."
AUDIT_SETTLED = "decided"
AUDIT_MORE = "{n} more on the Data page."
AUDIT_NOTHING_LONG = "No check found anything in these numbers."
AUDIT_GO = "Look and decide on the Data page"
AUDIT_LOOK = "Look on the Data page"
