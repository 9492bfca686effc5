"""Words of the Signals page."""

TITLE = "Signals"
INTRO = (
    "After a cheap model has answered, a signal says how sure it is. A cascade asks the dearer model where the signal is low. "
    "Which signal is worth its price?"
)
CHEAP, STRONG, SIGNAL = "Cheap model", "Asked next", "Signal"
CHEAP_HELP = "It answers first. Its answers are what the signals judge."
STRONG_HELP = "The dearer model that is asked as well where the signal is low."
SIGNAL_HELP = "Drawn in the three pictures. The one with the highest net gain until you choose."
JOB = "Weighing the signals of {cheap}"
FAILED = "The signals could not be weighed: {why}"
AGAIN = "Try again"

NAMES = {
    "margin": "Margin",
    "mean_logprob": "Mean log-prob",
    "sum_logprob": "Probability of the whole answer",
    "min_logprob": "Log-prob of the least sure word",
    "confidence": "Recorded confidence",
    "agreement": "Agreement of repeated answers",
    "answered": "Whether it could answer",
    "predicted": "Prediction from the texts",
    "self_check": "Self-check",
}
IN_SENTENCE = {
    "margin": "margin",
    "mean_logprob": "mean log-prob",
    "sum_logprob": "probability of the whole answer",
    "min_logprob": "log-prob of the least sure word",
    "confidence": "recorded confidence",
    "agreement": "agreement of repeated answers",
    "answered": "bare fact that it could answer",
    "predicted": "prediction from query and answer",
    "self_check": "self-check",
}

# --- the finding -----------------------------------------------------------------------------------------------------
GRADES = (
    (0.95, "very well"), (0.85, "well"), (0.7, "fairly"), (0.6, "a little"), (0.0, "hardly better than a coin"),
)  # fmt: skip
SEPARATES = "The **{signal}** of {cheap} separates right from wrong {grade} (AUROC {auroc}) and {price}."
FREE, PAID, PRICE_UNKNOWN = "is free", "costs {amount}", "has a price that is not known"
GAIN = " Asking {strong} where it is low brings **{gain} points** over mixing the two at random ({low} to {high})."
GAIN_UNSURE = " Asking {strong} where it is low brings {gain} points over mixing the two at random, which may be chance ({low} to {high})."
GAIN_NONE = " Asking {strong} where it is low brings nothing over mixing the two at random ({gain} points, {low} to {high})."
PAID_LESS = " The {signal} costs {amount} and brings less: {gain} points, {against} beside the {reference} ({low} to {high})."
PAID_MORE = " The {signal} costs {amount} and brings more than the {reference}: {against} points ({low} to {high})."
PAID_EVEN = " The {signal} costs {amount}; whether it brings more than the {reference} cannot be told ({against} points, {low} to {high})."
PAID_ALONE = " The {signal} costs {amount} and brings {gain} points."
SHARPER = (
    " The {signal} separates right from wrong better (AUROC {auroc}) and yet brings less: what counts is whom {strong} helps, "
    "and what asking costs there."
)
NO_GAIN = " What it is worth cannot be said: {why}"
ONE_CLASS_RIGHT = "Every tested answer of {cheap} is right, so there is nothing to tell apart. Choose another cheap model, or another set."
ONE_CLASS_WRONG = "Every tested answer of {cheap} is wrong, so there is nothing to tell apart. Choose another cheap model, or another set."
NO_SIGNAL = (
    "Nothing says how sure {cheap} is on this data: no signal is recorded, and there are no texts from which one could be predicted."
)
NO_SIGNAL_OUT = (
    "Add a column of confidence, log-probs or repeated answers to the file and map it on the Data page, or choose another cheap model."
)
TO_DATA = "Go to the Data page"
PER_1K = "{amount} per 1k"
UNITS = {"USD": "{amount} per 1k", "share": "{amount} per query, relative", "relative": "{amount} per query, relative"}

# --- the table -------------------------------------------------------------------------------------------------------
READ = "How to read the table"
TABLE_ALT = "One row a signal of {cheap}: how it separates right from wrong, its calibration, its price, its gain."
COLUMNS = {
    "signal": ("Signal", "Of the cheap model’s answer."),
    "net": (
        "Net gain",
        (
            "Points of quality over mixing the two models at random at the same cost, on average over all budgets between them; the "
            "signal's own price is billed. In brackets its 95 % interval."
        ),
    ),
    "price": ("Price per 1k", "Of asking for the signal 1,000 times. Free: it comes with the answer."),
    "auroc": (
        "AUROC",
        (
            "Of a right and a wrong answer, how often the right one has the higher signal. .5 is a coin, 1 is perfect "
            "(Hanley and McNeil, 1982). In brackets its 95 % interval."
        ),
    ),
    "usefulness": (
        "Usefulness",
        (
            "AUROC of a low signal for “the dearer model is better here”. What a cascade needs: an answer that both get wrong is not "
            "worth asking on."
        ),
    ),
    "ece": (
        "ECE",
        (
            "Calibration error: how far a confidence of 80 % is from 80 % right, over 15 bins (arXiv 1706.04599). Beside it what chance "
            "alone gives a calibrated confidence on so many queries."
        ),
    ),
    "brier": ("Brier", "Mean squared distance of the signal from right (1) or wrong (0). 0 is perfect; always saying 50 % gets .25."),
    "known": ("Known on", "Tested queries on which the signal is there. Where it is not, the dearer model is always asked."),
}
FREE_CELL = "free"
BETWEEN = "{low} to {high}"
ECE_CHANCE = "chance {chance}"
KNOWN = "{known} of {n}"
LEFT_OUT = "Not weighed: {signals}."
TABLE_NOTE = (
    "Each signal was fitted on the first part of the queries where it has to be, and every figure comes from the tested ones. No "
    "threshold is chosen: the gain is over all of them. Under 100 queries there is no gain, and no interval of an AUROC."
)

# --- the three pictures ----------------------------------------------------------------------------------------------
DEFERRAL = "What asking on buys"
DEFERRAL_X = {"USD": "cost per 1,000 queries", "share": "share sent to {strong}", "relative": "relative cost per query"}
QUALITY = "quality"
DEFERRAL_CAPTION = (
    "From {cheap} alone to always asking {strong} as well, the least sure first. Above the dashed line the signal beats chance."
)
DEFERRAL_ALT = "Quality against cost, from {cheap} alone to {strong}, when the answers with the lowest {signal} are asked on. {said}"
DEFERRAL_SAID = "Net gain over the random mix: {gain} points."
KEY = ("by this signal, band: 95 %", "at random (last picture: calibrated)", "if it knew (a bound)")
RISK = "How many of the surest are wrong"
RISK_X, RISK_Y = "share of answers kept, the surest first", "wrong among them"
RISK_CAPTION = "Of the surest half {half} are wrong. Area under it (AURC): {area}."
RISK_ALT = "Share wrong among the surest answers, by how many are kept: {half} of the surest half, {all} of all."
RELIABILITY = "Does it mean what it says?"
RELIABILITY_X, RELIABILITY_Y = "what the signal says", "share right"
RELIABILITY_CAPTION = "On the dashed line “80 %” is right 80 % of the time. Upright lines: 95 % intervals. Grey: how many answers."
RELIABILITY_ALT = "Share right against what the signal says, in {bins} filled bins. Calibration error {ece}, {side}."
TOO_SURE, TOO_SHY, EVEN = "on average too sure", "on average too little sure", "neither too sure nor too little"
BIN_HOVER = "says %{customdata[0]}: %{y:.0%} right (%{customdata[1]})<br>%{customdata[2]} answers<extra></extra>"
COUNT_HOVER = "%{customdata} answers<extra></extra>"
FEW_CURVES = "{n} tested queries are too few for curves: the bins are counts, with exact intervals."
NO_DEFERRAL = "The price of this signal is not known, so there is no curve of what asking on buys."
PLAY = "Put this cascade in play"
PLAY_HELP = "{cheap}, then {strong} where the signal is low, on Trade-offs: drag its threshold there."
QUERIES = "Look at its answers"
QUERIES_HELP = "Puts the same cascade in play and opens Decisions, the least sure answers first."
FULL = "{n} strategies are in play, which is the most: take one out on Trade-offs first."

# --- who covers whose mistakes ---------------------------------------------------------------------------------------
COVER = "Who covers whose mistakes"
COVER_FINDING = (
    "Where **{best}** (the best single model) is wrong or worse, **{helper}** helps most: it is better on {share} of the queries "
    "({low} to {high})."
)
COVER_NONE = "On no tested query is any other model better than **{best}**, the best single model."
COVER_X, COVER_Y = "… than this one", "this model is better"
COVER_CAPTION = "Per cent of the {n} tested queries on which the row’s model is better than the column’s."
COVER_ALT = "Table of {m} by {m} models: per cent of the tested queries on which the row's model is better than the column's. {said}"
COVER_HOVER = "%{customdata}<extra></extra>"
COVER_CELL = "{row} better than {column}: {share} ({low} to {high}), {count} of {n}"
SPLIT = "What {strong} can add to {cheap}"
SPLIT_FINDING = (
    "**{helpable}** of the queries can be helped by asking {strong} as well, {hopeless} are hopeless, and on {hurt} {strong} "
    "would spoil a right answer."
)
SPLIT_ALT = "One bar of all {n} tested queries: {said}."
KINDS = {
    "both": ("Easy", "both are right: asking on only costs"),
    "hurt": ("Hurt", "only {cheap} is right: asking on loses it"),
    "helpable": ("Helpable", "only {strong} is right: all that asking on can win"),
    "hopeless": ("Hopeless", "neither is right: money spent here is lost"),
}
KIND_LINE = "{name} {count} · {share} ({low} to {high})"
SPLIT_HOVER = "%{customdata}<extra></extra>"
GRADED = "Graded answers count as right from {cut} on."
FEW = "The intervals are exact (Clopper-Pearson)."
