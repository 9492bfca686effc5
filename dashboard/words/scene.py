"""Words of the picture that depend on the data: axes, dots, notes."""

AXIS_COST = "Cost"
AXIS_SHARE = "Share of queries sent to {model}"
AXIS_RELATIVE = "Relative cost per query"
AXIS_LATENCY = "Mean latency"
AXIS_QUALITY = "Quality"
ORACLE = "Oracle"
ORACLE_NOTE = "The cheapest right answer of all models for every query. A bound: nobody can choose like this."
RANDOM = "Uniform random"
RANDOM_NOTE = "Any model with the same probability."
PARTLY_SEEN = "Seen on {n} queries only: not in play, and not comparable with the others query by query."
CONFIDENCE = "Confidence from {signals}."
JUDGED = "Simulated: its judge knows the truth and errs as often as you say."
SIGNALS = {
    "margin": "the margin between the best and the second-best answer",
    "mean_logprob": "the mean log-probability",
    "sum_logprob": "the probability of the whole answer",
    "min_logprob": "the log-probability of the least sure word",
    "confidence": "the confidence that comes with the data",
    "agreement": "agreement of repeated answers",
    "answered": "whether it could answer",
    "predicted": "a prediction from query and answer",
}
