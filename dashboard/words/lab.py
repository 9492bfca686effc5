"""Words of the Lab."""

from data.simulator.world import MARK

TITLE = "Who wins, routing or cascading?"
INTRO = "A simulated world in which every assumption is a slider. Turn one, and see what it does to both."
WORLD = "World"
WORLD_HELP = "Where the sliders start: models and prices as published, or a twin fitted to the set that is open."
TWIN_OF = "Twin of {name}"
SOURCES = "Where its numbers come from"
SOURCE = "**{figures}**: {text}, {date}. {url}"
FIGURES = {
    "accuracy": "accuracy", "price_in": "prices", "price_out": "prices", "tokens_in": "prompt lengths", "tokens_out": "answer lengths",
    "correlation": "error correlation",
}  # fmt: skip
PUBLISHED = "What is published, and where"
PUBLISHED_HEAD = ("figure", "model", "topic", "value", "source", "date")
TWIN_SOURCE = "Fitted to the set that is open."
DRAWN = "The rest is assumption: answers are drawn, nothing was asked."
RESET = "As it was"
RESET_HELP = "Take back everything that was turned."
TURNED = "{name}, turned" + MARK
MORE = "More about the queries"
MODELS = "Models"
MODEL = "Model"
CHANGES = "Something changes on the way"
CHANGES_HELP = (
    "With a change, the queries keep their order: strategies learn and thresholds are chosen on the first 60 %, "
    "and the last 40 % is what is shown."
)
ADD_CHANGE = "Add a change"
KINDS = {
    "drift": "Drift: a model gets worse or better",
    "topic": "Topic shift: other questions are asked",
    "price": "Price shock",
    "slowdown": "Slow-down",
    "outage": "Outage: a model does not answer",
}
KIND_SHORT = {"drift": "Drift", "topic": "Topic shift", "price": "Price shock", "slowdown": "Slow-down", "outage": "Outage"}
OF_MODEL = "Whose"
OF_TOPIC = "Topic"
ALL_MODELS = "all models"
WHEN = "From and until (share of the queries)"
SIZES = {
    "drift": "By how many logits of ability; below 0 it gets worse",
    "topic": "Times as often",
    "price": "Times the price",
    "slowdown": "Times the latency",
}
DROP_CHANGE = "Take this change out"
EX_ANTE = "What a router can know"
POST_HOC = "What a cascade can see"
CORRELATION = "How alike the errors are"
EX_ANTE_HELP = (
    "Before the call (ex ante), as AUROC: shown a right and a wrong answer's question, how often it tells which is which. .5 is a coin."
)
POST_HOC_HELP = (
    "After the call (post hoc), as AUROC: shown a right and a wrong answer, how often its confidence is higher on the right one."
)
OVERCONFIDENCE = "Overconfidence of all models"
TEMPERATURE = "Temperature of all models' confidence"
CALIBRATION_NOTE = (
    "A cascade's threshold is tuned on what it sees, so it forgives confidence that is too high everywhere. Both are what is asked for; "
    "what the draw shows is in the table of its models."
)
MOVED = (
    "{what}: what is measured is not what was asked for, for confidence and foresight know nothing of it. Mean over the models on the "
    "tested queries: a router knows {ex} (asked for: {ex_asked}), a cascade sees {post} (asked for: {post_asked}), confidence less "
    "accuracy is {gap} points (asked for: {gap_asked}), the calibration error {ece} (asked for: {ece_asked}; chance alone: {chance})."
)
MOVERS = {"judge noise": "judge noise", "drift": "drift", "topic shift": "a topic shift"}
AND = " and "

BADGE = "**{name}** · {n} queries · {models} models · {split}"
SPLIT = "shown on {n} test queries"
SPLIT_ORDER = "shown on the last {n} queries"
BADGE_LONG = (
    "Every number on this page is drawn from declared assumptions; nothing was asked or answered. The queries are in three parts: "
    "strategies learn from the first (fit), thresholds are chosen on the second (calibrate), and what is shown comes from the third "
    "(test, {n} queries). Bands are 95 % intervals over these queries; the map's intervals are over {draws} draws of the world, "
    "{draw} queries each."
)
COVERED = "Rests on {n} of {all} queries: those that every model answered."
FAILED = "This world cannot be simulated: {why}"
FAILED_BACK = "Back to the world as it was"
UNKNOWN_WORLD = "This link names the world {name!r}, which isn't here; the first one is shown."

PLANE = "This world"
PLANE_ALT = "Quality against cost of the simulated world {name}. {said}"
CASCADE, ROUTER = "Cascade", "Router"
MIX = "Random mix"
ORACLE = "Oracle (bound)"
MODELS_LEGEND = "Single models"
QUALITY = "Quality (share right)"
COST = "Cost per 1,000 queries (USD)"
COST_OTHER = {"share": "Share sent to the strong model", "relative": "Relative cost per query"}
SIMULATED = "SIMULATED"
PLANE_CAPTION = (
    "{cascade}: {chain}, stopping on the confidence of its answers. {router}: one call, chosen by what is foreseen of each model."
)

MAP = "Who wins where"
MAP_ALT = "Map of the cascade's lead over the router against what each can know, simulated. {said}"
MAP_X = "What a router can know before the call (AUROC)"
MAP_Y = "What a cascade can see after it (AUROC)"
COIN, PERFECT = "coin", "perfect"
HERE = "this world"
YOURS = "{name}"
CASCADE_WINS, ROUTER_WINS, EVEN_HERE = "cascading wins", "routing wins", "even"
CELL = "router knows %{x:.3~f}, cascade sees %{y:.3~f}<br>%{text}<extra></extra>"
LEAD_TEXT = "{winner} by {points} points ({low} to {high})"
TIE_TEXT = "too close to call: {points} points ({low} to {high})"
CASCADING, ROUTING = "cascading", "routing"
BUDGET = "Money to spend, beside always asking {best}"
BUDGET_HELP = "The mean cost per query that both may reach, as a share of what always asking the best single model costs."
BUDGETS = {"0.1": "a tenth", "0.25": "a quarter", "0.5": "half", "0.75": "three quarters", "1.0": "as much", "all": "all budgets"}
BUDGET_MARK = "{share} of {best}"
AT_BUDGET = {
    "all": "on average over all budgets",
    "0.1": "at a tenth of the cost of always asking {best}",
    "0.25": "at a quarter of the cost of always asking {best}",
    "0.5": "at half the cost of always asking {best}",
    "0.75": "at three quarters of the cost of always asking {best}",
    "1.0": "for as much as always asking {best} costs",
}
MEASURING = "Measuring: {done} of {total} simulations. The map gets finer while it is drawn."
FIRST = "Simulating the first cells"
STOPPED = "Stopped. What is drawn rests on {draws} draws a cell."
STOP, GO_ON = "Stop", "Go on"
MAP_CAPTION = (
    "Grey: even, for the 95 % interval of the difference holds 0; it is over {draws} draws of {n} queries, the same for both. Solid line: "
    "the same quality on average. Thin lines: points of quality. Press a cell to go there."
)
TWIN_FIRST = " The map is drawn for the models and prices of this world: take its twin as the world to see its own."

FINDING = (
    "With what this router can know ({ex}) and this cascade can see ({post}), **{winner} wins by {points} points** "
    "({low} to {high}) {budget}."
)
TIE = (
    "With what this router can know ({ex}) and this cascade can see ({post}), **neither wins**: the difference is {points} points "
    "({low} to {high}) {budget}."
)
EVEN = " The two draw level where the router knows {even}"
EVEN_FROM = "; from {low} to {high} the difference may be chance"
EVEN_NEVER = " From {low} to {high} of what a router can know the difference may be chance."
EVEN_NEVER_ROUTER = " No router catches up here, however much it knows."
EVEN_NEVER_CASCADE = " Even a router that knows nothing is ahead of this cascade."
STILL = " Still measuring."
FINDING_WAIT = "The map is being measured; the finding follows in a moment."
ABOUT_AUROC = ".5 is a coin, 1 is perfect: of a right and a wrong answer, how often the two are told apart."

OWN_KNOWN = "**{name}**: its {router} knows {ex}, its cascade sees {post} ({signals})."
OWN_LEAD = " On the set itself {winner} by {points} points ({low} to {high}) {budget}: {how}."
OWN_LEAD_WINS = "{winner} wins"
OWN_TIE = " On the set itself neither wins {budget}: {points} points ({low} to {high}), {how}."
MEASURED, ONE_DRAW = "measured, not simulated", "on this one draw, simulated"
OWN_NO_ROUTER = "**{name}**: its cascade sees {post}; what a router can know is not known, because no router can run on it yet."
OWN_NOTHING = "**{name}** cannot be placed: it has neither confidence nor prompts."
OWN_RUNNING = "Looking where **{name}** lies."
OWN_FAILED = "**{name}** cannot be placed: {why}"
ROUTER_NAMES = {"foreseen-router": "given predictions", "knn-router": "nearest-neighbour router", "task-router": "task router"}

OPEN = "Open on Trade-offs"
OPEN_HELP = "Keeps this draw as a set, marked simulated: every page works with it."
LINK = "The address reopens this world."
SAVED_NAME = "{name}" + MARK

TWIN = "How good the twin is"
TWIN_FITTING = "Fitting a twin to {name}"
TWIN_FAILED = "{name} has no twin: {why}"
TWIN_STOPPED = "The fit was stopped."
TWIN_AGAIN = "Fit again"
TWIN_ALL = "The twin stays within the 95 % band of every recorded curve."
TWIN_SOME = (
    "The twin is within the recorded curves' 95 % bands at **{inside}** of the places compared; farthest off by {excess} points ({name})."
)
TWIN_PICK = "Curve"
TWIN_INSIDE = "Within the band everywhere."
TWIN_OUTSIDE = "Within the band at {inside} of the costs; farthest off by {excess} points, at {cost}."
TWIN_TURNED = "This compares the twin as it was fitted, before anything was turned."
RECORDED, TWIN_LINE, BAND = "recorded", "twin (simulated)", "95 % band of the recorded curve"
TWIN_ALT = "{name}: the recorded curve with its band, and the twin's. {said}"
TWIN_HEAD = ("figure", "model", "recorded", "twin")
TWIN_FACTS = "Figures side by side"
TWIN_ASSUMED = "Assumed: {note}."

TABLE = "The models of this world"
TABLE_HEAD = ("model", "accuracy", "cost per 1,000", "knows ex ante", "sees post hoc", "calibration error", "source")
TABLE_HEAD_OTHER = (*TABLE_HEAD[:2], "cost per query", *TABLE_HEAD[3:])
TABLE_NOTE = (
    "Measured on the {n} tested queries of this draw; what was asked for is in brackets where it differs. On so many queries chance "
    "alone makes a calibration error of about {chance}."
)
ASKED = "{value} ({asked})"
