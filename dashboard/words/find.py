"""Words of the Find page."""

TITLE = "Find"
INTRO = (
    "Say what you want. Every chain and router that this data allows is searched, the likely ones are put to the proof on queries that "
    "took no part in the search, and what comes out is shown on queries that took part in neither."
)

QUESTION = "What are you looking for?"
MODES = {
    "keep": "The cheapest way to keep {keep} % of the best model's quality",
    "budget": "The best quality under {budget}{seconds}",
    "energy": "The lowest energy at a quality of {quality} % or more",
    "latency": "The shortest wait at a quality of {quality} % or more",
    "lever": "One lever: what a wrong answer costs",
}
AND_SECONDS = ", 95 % of the answers within {seconds}"
ANY_PRICE = "any price"
NO_ENERGY = "Nothing is known of the energy of these models: name what they run on, or take the shortest wait instead."
SOME_ENERGY = "The energy of {models} is not known: policies that ask them are left out of this question."
TIERS = {
    "measured": "Energy measured: {source}.",
    "estimated": "Energy estimated: {source}.",
    "assumed": "Energy assumed: {source}.",
}
DEVICE, NO_DEVICE = "They run on (assumed)", "not known"
DEVICE_HELP = "Where no energy is known, the watts of a declared device times the recorded seconds stand in for it."

KEEP = "Quality to keep, % of the best model's"
BUDGET = {"USD": "Budget, $ per 1,000 queries", "share": "Share to the strong model, %", "relative": "Budget, relative cost a query"}
SECONDS = "95 % of answers within, s"
SECONDS_NONE = "any"
QUALITY = "Quality, % at least"
CONFIDENCE = "Confidence"
CONFIDENCE_HELP = (
    "How sure the proof has to be: at 95 % it is wrong for at most one in twenty draws of the queries it rests on. "
    "More confidence asks for more queries or a safer policy."
)
LEVER = "What a wrong answer costs you"
LEVER_HELP = "It snaps: each stop is a policy that is worth most over a whole range of prices. To the right quality counts for more."
LEVER_RANGE = "The choice on the searched queries stays the same from {low} to {high}."
LEVER_FROM = "The choice on the searched queries stays the same from {low} on."
PER_WRONG = {"USD": "{amount}", "share": "{amount} strong calls", "relative": "{amount} units of cost"}

TITLE_JOB = "Searching policies"
RUNNING = "Searching: {doing}. {settings} policies so far"
BEGINNING = "Searching"
STOP = "Stop"
STOPPED = "The search was stopped; this is the answer from what was searched until then."
FAILED = "The search broke: {why}"
AGAIN = "Try again"
ANSWERING = "Putting {n} policies to the proof"
LONGER = "Search longer"
LONGER_HELP = "{n} more methods take longer to fit than the first search has time for. About a minute."

SINGLE = "Send every query to **{model}**"
MIX = "Send {share} of the queries to **{strong}** and the others to **{weak}**, blindly"
ROUTER = "Let the **{title}** choose one of {n} models for each query"
CASCADE = "Use the **{title}**"
CASCADE_OF = "Use the **{title}** over {models}"
CHAIN_FIRST = "Ask **{model}** first and keep its answer from a confidence of {at} on"
CHAIN_NEXT = ", else **{model}** from {at} on"
CHAIN_LAST = ", else ask **{model}**"

KEEPS = "keeps {kept} ({low} to {high}) of {best}'s quality at {share} cost"
REACHES = "a quality of {quality} ({low} to {high}) at {cost}"
WITHIN = ", 95 % of the answers within {p95}"
TAKES_ENERGY = "{energy} Wh per 1,000 queries ({low} to {high}) at a quality of {quality} ({q_low} to {q_high})"
TAKES_SECONDS = "{seconds} ({low} to {high}) a query on average at a quality of {quality} ({q_low} to {q_high})"
WORTH = "a quality of {quality} ({low} to {high}) at {cost}; with a wrong answer at {value} that is worth {gain} than {best} alone"
GAIN, LOSS = "{amount} more", "{amount} less"
PER_1K = "{amount} per 1,000 queries"
SHARE_COST = "{amount} sent to the strong model"
RELATIVE_COST = "a relative cost of {amount}"
RATIO = "{ratio} its"
FREE = "no"
UNKNOWN_COST = "an unknown"
ANSWER = "**{plan}**: {outcome}."
CERTIFIED = "Certified at {confidence}."
DEFINITE = "Nothing has to be proved: a model keeps its own quality."
SAFE = "No limit was asked for, so there is nothing to prove."
PROVED = (
    "With {confidence} confidence all limits hold, for queries like these: {tested} policies were tested one after the other on {n} "
    "queries that took no part in the search, {certified} of them passed. The figures are from {shown} other queries, with 95 % intervals."
)
NOTHING = "**Nothing qualifies** at {confidence} confidence."
CLOSEST = "Closest comes this: {plan}: {outcome}."
NEED = "If it is as good as it looks, about {needed} labelled queries would prove it; there are {have}."
NEED_MANY = "If it is as good as it looks, {needed} labelled queries or more would prove it; there are {have}."
NO_NEED = "On the {n} queries kept for the proof it misses the limit by itself, so more queries would not help: ask for less."
BOLDER = "{aim} looked this in the search, without a proof: {plan}: {outcome}."
AIMS = {"cost": "Cheaper still", "quality": "Better still", "energy": "Less still", "latency": "Faster still", "worth": "Worth more"}
RUNNER = "Runner-up: {plan}: {outcome}."
OWN_SPLIT = (
    "With fewer than 1,000 queries the set is split once for this page: {fit} to fit on, {search} to search on, {certify} for the proof, "
    "{test} to show. Elsewhere every query is tested once."
)
SPLIT = "{fit} queries to fit on, {search} to search on, {certify} for the proof, {test} to show."

PUT, PUT_HELP = "Put in play", "Adds the policy to Trade-offs at this very setting."
SHOW, SHOW_HELP = "Show on Trade-offs", "It is in play there at this setting."
FULL = "{n} strategies are in play, which is the most: take one out on Trade-offs first."
USE_THIS = "Use this"
USE_INTRO = "The policy as it was found, fitted on the fit part. Its figures here are those of Trade-offs, over all its tested queries."
SINGLE_NOTE = "A single model is on Trade-offs already: its own dot."

PLANE_ALT = "Quality against cost on the tested queries: the answer marked, what was put to the proof around it. {said}"
CAPTION = (
    "Filled: proved. Hollow: put to the proof and not proved. Which policies are shown was settled on other queries than those that "
    "the figures are from."
)
KEY_ANSWER, KEY_RUNNER, KEY_PROVED, KEY_OPEN = "the answer", "runner-up", "proved", "not proved"
KEY_MODELS, KEY_MIX, KEY_ORACLE = "single models", "blind mixing (zero router)", "oracle (a bound)"
FLOOR, BUDGET_LINE, ISO = "the quality asked for", "the budget", "worth the same"

TRIED = "What was tried"
TRIED_SAID = "{settings} policies of {families} kinds were searched in {seconds}; {tested} were put to the proof."
TRIED_HEAD = ("Kind", "Policies searched", "Time", "")
STATUS = {"searched": "", "not tried": "Not tried. ", "cannot run": "Cannot run here. ", "failed": "Broke. "}
WAY = "Put to the proof, safest first"
WAY_HEAD = ("Policy", "Quality on test", "Cost on test", "p", "Proved")
YES, NO = "yes", "no"
METHOD = (
    "A limit is proved when its p-value is at most {level}: half of the {delta} that the proof may be wrong, because one policy on the "
    "way may fail without ending it (learn-then-test, arXiv 2110.01052; the order was fixed on the search half, arXiv 2210.07913). {tests}"
)
TESTS = {
    "betting": "Means are tested by betting (arXiv 2010.09686), valid for any number of queries.",
    "binomial": "Shares are tested by the exact binomial tail.",
    "definition": "The best single model keeps its own quality by definition.",
}
CEILING = "A mean cost can only be bounded if no single bill is boundless: none above {amount} is assumed, twice the dearest seen on fit."
LEFT_OUT = (
    "Not searched at all: bounds and simulated judges, methods that decide over all queries at once or learn as they go "
    "(their queries are not independent, which every p-value here needs)."
)
