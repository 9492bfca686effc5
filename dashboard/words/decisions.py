"""Words of the Decisions page and of the trace."""

TITLE = "What happened to every query"
IN_PLAY = "Strategy"
IN_PLAY_HELP = "Its decisions are shown. Put more strategies in play on the Trade-offs page."
SETTINGS = "Settings"
SETTINGS_HELP = "Moving one changes the decisions beside it."
NOTHING_IN_PLAY = "No strategy in play can run on this data."
NOTHING_WHY = "{strategy}: {why}"
NOTHING_OUT = "Put the usual strategies in play"

SENTENCE = "**{strategy}** decided {n} test queries: {right} right, {cost}. {spread}"
SPREAD_ESCALATED = "{share} were escalated."
SPREAD_ROUTED = "{share} went to {model}."
AGAINST = "Always asking {model}: {right} right, {cost}."
MEAN_USD = "at {amount} per 1k"
MEAN_SHARE = "with {share} sent to {model}"
MEAN_RELATIVE = "at {amount} a query (relative, assumed)"
COST_UNKNOWN = "at a cost that is not known for {n} of them"
GRADED = "Answers are graded: they count as right from {cut} on."
DRAW = "Chance decides here, so the paths below are one seeded draw."

SETS_LABEL = "Queries worth a look"
SETS_HELP = "Each is a set of tested queries with the money that hangs on it. Choose one to see only those; choose it again to see all."
SET_MONEY = "{title} {n} · {money}"
SET_PLAIN = "{title} {n}"
SET_MEANING = "{meaning} {money}"
SET_PAID = "{money} was paid for them."
SET_SAVED = "{money} was paid beyond what was needed."
SET_ALL = "All {n} tested queries. Choose a set to narrow them down."
SENT = "{n} sent on"
RELATIVE = "{amount} relative"

TASK = "Task"
TASK_ALL = "All tasks"
SEARCH = "Search"
SEARCH_HINT = "In ids and prompts"
SEARCH_HINT_IDS = "In ids (no prompts recorded)"
ORDER = "Order"
ORDERS = {
    "regret": "Regret, largest first",
    "cost": "Cost, dearest first",
    "unsure": "Confidence, lowest first",
    "sure": "Confidence, highest first",
    "latency": "Latency, slowest first",
    "data": "As in the data",
}
ORDER_SHORT = {
    "regret": "by regret",
    "cost": "by cost",
    "unsure": "least confident",
    "sure": "most confident",
    "latency": "slowest",
    "data": "in the data's order",
}
COUNT = "{n} queries, {order}."
COUNT_ONE = "1 query."
COUNT_CUT = "First {shown} of {n}, {order}."
SELECT = "Choose a row to see its trace."
NONE_LEFT = "No query is in this set with these filters."
NONE_CLEAR = "Show all queries"

COLUMNS = {
    "query": "Query",
    "prompt": "Prompt",
    "path": "Path",
    "right": "Outcome",
    "quality": "Quality",
    "cost": "Cost",
    "regret": "Regret",
    "latency": "Latency",
    "confidence": "Conf. {stage}",
    "task": "Task",
}
COLUMN_HELP = {
    "path": "The models asked, in order; pale is cheap, deep is dear. The last one answered, unless the trace says otherwise.",
    "right": "What the recorded score says of the returned answer.",
    "cost": "Everything that was paid for this query.",
    "regret": "What was paid beyond the cheapest model that would have been as good.",
    "confidence": "How sure call {stage} looked: what its threshold was compared with.",
    "latency": "From question to answer: calls one after the other add up.",
}
COST_UNITS = {"USD": "Cost ($)", "USD_1k": "$ per 1k", "share": "Sent on", "relative": "Cost (rel.)"}
REGRET_UNITS = {"USD": "Regret ($)", "USD_1k": "Regret /1k", "share": "Regret", "relative": "Regret (rel.)"}
TABLE_ALT = "Decisions, one row a query: path, outcome, cost, regret, confidence of each stage and task."
RIGHT, WRONG, UNKNOWN = "right", "wrong", "not known"

SAVE_TRACE = "Trace as a page (HTML)"
BACK = "Back to the list"
PREVIOUS = "Previous"
NEXT = "Next"
PLACE = "{at} of {n}"
PLACE_OUTSIDE = "not in the current selection"
UNKNOWN_QUERY = (
    "There is no query `{query}` in this data. The link may have been made with another file, or the query was left out because "
    "a model in play is not known for it."
)
UNTESTED_QUERY = (
    "The query `{query}` was used to fit or to set the strategies, so it has no fair trace. Only tested queries are shown here."
)

# --- the trace -------------------------------------------------------------------------------------------------------
TRACE_OF = "Query {query}"
PROMPT = "Prompt"
REFERENCE = "Reference answer"
NO_PROMPT = "prompt not recorded"
NO_REFERENCE = "reference answer not recorded"
NO_TEXT = "answer text not recorded"
NO_LATENCY = "latency not recorded"
NO_COST = "cost not known"
PRICE_RELATIVE = "{amount} (relative, assumed)"
NOT_KNOWN = "not known"
ASSUMED = "price assumed"
CUT_TEXT = "… cut here: the text has {n} characters"
MORE, LESS = "Show all", "Show less"
STEPS = "The way, step by step"
SCORES = "Router weighs"
SCORES_HINT = "Before any call: expected quality, minus {lam} × expected cost."
SCORES_FREE = "Before any call: expected quality alone, cost has no weight."
GATE = "Router decides"
GATE_SCORE = "Score {score}"
GATE_UNIT = "{signal}, before any call"
GATE_REACHED = "reaches the threshold {threshold}: asks {model}"
GATE_BELOW = "below the threshold {threshold}: asks {model}"
GATE_BELOW_JUST = "just below the threshold {threshold}: asks {model}"
GATE_SILENT = "No score: asks {model} at any threshold"
GATE_PAID = "Asked first: {what} ({cost}, {latency})."
PAID = {"judge": "a judge, how well the weak model would answer"}
EXPECTED = "{quality} expected at {cost}"
CHOSEN = "chosen"
ASKED = "Call {n}"
ASKED_TOGETHER = "Call {n}, asked together"
READ_AS = "read as"
CONFIDENCE = "Confidence {score}"
CONFIDENCE_FROM = "from {signal}"
KEEPS = "reaches the threshold {threshold}: kept"
GOES_ON = "below the threshold {threshold}: asks on"
GOES_ON_JUST = "just below the threshold {threshold}: asks on"
SILENT = "No confidence recorded: asks on at any threshold"
LAST = "Last of the chain: kept without a look at its confidence"
ROUTED = "Routed here: kept"
STOP = "Returned"
STOP_OF = "answer of {model}"
TOTAL = "{latency} in all"
BILL = "Spent so far"
OTHERS = "What every other model would have said"
OTHERS_NOTE = "not seen by the strategy"
OTHERS_NONE = "Every model in play was asked."
WHAT_IF = "Where this query turns"
WHAT_IF_NONE = "No single setting of {strategy} turns this query."
WHAT_IF_DICE = "Chance decides here, not the query: only the shares can be set."
FLIP = "Flips at {knob} = {setting}: above it {change}"
FLIP_ASKED = "{models} is asked as well"
FLIP_ASKED_MANY = "{models} are asked as well"
FLIP_SPARED = "{models} is not asked"
FLIP_REPLACED = "{model} answers instead of {other}"
FLIP_OUTCOME = "{change}, {outcome}, {delta}"
FLIP_SAME_COST = "same cost"
WAY_NOW = "as it is now"
WAY_UP_TO = "up to {high}"
WAY_ABOVE = "above {low}"
WAY_BETWEEN = "above {low}, up to {high}"
USE = "Use this setting"
USE_THRESHOLD = "Use this threshold"
NEAREST = "Most similar queries of the past"
NEAREST_NOTE = "The first {shown} of {k} that the router asks. They come from the fit part; the query itself is not among them."
NEAREST_QUERY = "Query"
NEAREST_PROMPT = "Prompt"
STRANGE = "the trace sent something that it never sends."
STRANGE_FIX = "Reload the page."
