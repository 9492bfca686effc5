"""Words of the Trade-offs page."""

IN_PLAY = "Strategies in play"
FITTING = "Fitting the strategies on {n} queries"
ADD = "Add a strategy"
ADD_HELP = "What cannot run on this data says why."
MONTHLY = "Queries per month"
MONTHLY_HELP = "For the money per month at the chosen point."
AXIS = "Across"
AXIS_HELP = "What stands on the horizontal axis."
AXES = {"cost": "Cost", "latency": "Latency"}
UNDO = "Undo"
RESET = "Reset"
RESET_HELP = "Back to the settings tuned on the calibrate part."
REMOVE = "Take out of play"
SELECT_HELP = "The selected strategy is the one you drag."
USE_THIS = "Use this"
USE_INTRO = "The policy at this point. Thresholds come from the calibrate part, the expected figures from the test part."
PYTHON = "Python"
YAML = "YAML"
FILES = "Files"
DOWNLOAD_DECISIONS = "Decisions (CSV)"
DOWNLOAD_CHART = "Chart (SVG)"
DOWNLOAD_POLICY = "Fitted policy (.npz)"
SHARE = "Copy the address to share this view."
EMBED_TITLE = "The nearest-neighbour router needs the prompts read once (embeddings)."
EMBED_START = "Read the prompts"
EMBED_RUNNING = "Reading the prompts: {done} of {total}. Cascades work meanwhile."
EMBED_STOP = "Stop"
PREVIEW = "Preview on the 2,000 read so far"
PREVIEW_HELP = "Every strategy is then fitted and shown on these queries only, until all prompts are read."
CHANGED_NOTHING = "The last move changed no decision."
NO_MOVE = "Drag the point: what changes is said here."
RETUNE = "Set for a goal"
GOAL = "Keep this share of the best single model's quality"
GOAL_HELP = "Above 100 % it has to beat the best single model. A goal out of reach gives the best quality there is on calibrate."
GOAL_APPLY = "Set on calibrate"
UNDRAWN = "Cannot run on this data: {why}"
CHANGED_EARLIER = "{earlier} queries now stop earlier, {earlier_wrong} of them now wrong."
CHANGED_LONGER = "{longer} queries now go on longer, {longer_right} of them now right."
CHANGED_REROUTED = "{rerouted} queries now go to another model."
CHANGED_NET = "In all {now_right} became right and {now_wrong} became wrong."
POOL = "Models in play"
POOL_HELP = "Cheap to dear. The comparison rests on the queries for which all of them are known."
POOL_FEW = "Choose at least two models. Until then the picture stays as it was."
POOL_UNPRICED = "Not in play, because no price is known: {models}."
WEIGHTS = "Relative price of each model (assumed)"
WEIGHT_EXAMPLE = "e.g. 1, or 20 for one that costs twenty times as much"
WEIGHTS_APPLY = "Use these prices"
WEIGHTS_HELP = (
    "What one call costs relative to the others. No cost is recorded: type your own, or keep what list prices say where there are any. "
    "Every figure that rests on it says so."
)
CHOICES = {
    "auto": "the best one recorded",
    "margin": "margin between its best two answers",
    "mean_logprob": "mean log-probability of its words",
    "sum_logprob": "probability of the whole answer",
    "min_logprob": "log-probability of the least sure word",
    "confidence": "confidence that comes with the data",
    "answered": "whether it could answer",
    "agreement": "agreement of its repeated answers",
    "predicted": "prediction from query and answer",
}
COMPUTED = {
    "agreement": " (every further draw is paid for)",
    "sum_logprob": " (from mean and length)",
    "answered": " (from the answers)",
}
