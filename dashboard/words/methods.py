"""Words of the Methods page."""

TITLE = "Methods"
INTRO = (
    "Each card is one method: its idea, its rule, and a picture drawn from what it declares. Put one in play and drag it on Trade-offs. "
    "[The survey's table](#survey), below the cards, says what each method takes care of."
)
FAMILIES = {
    "router": ("Routing", "One model is chosen before any call."),
    "cascade": ("Cascade", "A cheap model answers first; the next one is asked where that answer does not look good enough."),
    "ensemble": ("Ensemble", "Several models answer, and one answer is made of theirs."),
    "online": ("Online", "They learn from each answer while queries come in."),
    "baseline": ("Baseline", "Yardsticks: what every method has to beat, and what none can."),
}
FAMILY = "Family"
TRAIT = "Only methods that"
TRAITS = {
    "learns": "learn from past queries",
    "untrained": "learn nothing",
    "logprobs": "need log-probs",
    "prompts": "need only prompts (black box)",
    "pair": "choose between two",
    "many": "choose among many",
    "here": "run on this data",
}
CLEAR = "Show all"
SHOWN = "{n} of {total} methods."
NONE = "No method is all of that. Take a filter away, or show all."
COUNT = "{title} ({n})"

PUT = "Put in play"
PUT_FULL = "{n} are in play, which is the most. Take one out on Trade-offs first."
IN_PLAY = "In play on Trade-offs"
LOOK = "See it there"
CANNOT = "Cannot run here."
RUNS = "Runs on this data"
YARDSTICK = "A yardstick: it is compared with, not put in play."
OWN = "yours"
BOUND = "a bound, not a policy"
JUDGED = "its judge is simulated"
BATCH = "decides over all queries at once"
NEEDS = "Needs {needs}"
NEEDS_NOTHING = "Needs no signal of its own"
SIGNALS = {
    "embedding": "embeddings of the prompts",
    "answers": "answers that can be compared",
    "logprobs": "token log-probs",
    "confidence": "a confidence signal",
    "margin": "a margin",
    "self_check": "a self-check",
    "judge": "a judge's opinion of each question",
    "prompts": "prompts",
    "tasks": "tasks",
    "responses": "full responses",
    "predicted_quality": "forecasts of quality",
    "token_shares": "arms derived from token log-probs",
}
MORE = "Knobs, source, limits"
KNOBS = "Knobs"
NO_KNOBS = "It has none."
RANGE = "{low} to {high}, {unit}"
TO_DATA_END = "the data's own end"
HIGHER = "Higher {higher}."
SOURCE = "Source"
REPORTED = "Reported"
LIMITS = "Limits"
UNSAID = "Its own file fails here ({kind}: {what})."

BROKEN = "A strategy could not be loaded. {what} The methods below are not affected."
OWN_TITLE = "Your own"
OWN_HOW = (
    "Write a strategy as one Python file (CONTRIBUTING.md says how), name its folder in the environment variable "
    "`ROUTESCOPE_STRATEGIES` and start the app again: it gets a card, sliders and a curve like all others. "
    "Its code is run as it stands, with your rights: only use files that you trust."
)
OWN_HERE = (
    "Strategies are also read from `{folder}`, which `ROUTESCOPE_STRATEGIES` names: {n} found there. Their code is run as it stands, "
    "with your rights: keep only files there that you trust. A changed file is read when the app starts again."
)

# the survey's table
SURVEY = "What the methods of the survey take care of"
SURVEY_SAID = (
    "Of its {n} methods, {most_n} are known to take care of {most}, and {least_n} of {least}. "
    "{unknown} of {cells} cells could not be recovered: they are unknown, not empty."
)
NOBODY, AND = "none", " and "
SURVEY_SOURCE = (
    "Source: the survey arXiv {arxiv}, tables {tables} (methods against constraints). The cells were read from public notes on the "
    "survey, not from its full text; where the notes are silent, the cell says unknown."
)
SURVEY_ROW = "Method"
SURVEY_OURS = "Here as"
SURVEY_ABSENT = "not here yet"
SURVEY_HIDDEN = "hidden by the filters above"
SURVEY_GROUPS = {"routing": "Routing", "hi": "Hierarchical inference (cascades)"}
CONSTRAINTS = {
    "compute": "compute", "memory": "memory", "energy": "energy", "latency": "latency", "money": "money", "scale": "scale",
    "modality": "modality",
}  # fmt: skip
CELLS = {"+": ("●", "addressed"), "~": ("◐", "weak or in part"), "-": ("○", "not addressed"), "?": ("?", "unknown")}

# the pictures, in words
ALT = {
    "choice": "The prompt goes to one of several models, chosen by {looks}{weight}.",
    "batch": "All prompts are looked at together, and each goes to one of several models, chosen by {looks}{weight}.",
    "threshold": "Before any call a score is compared with the {cut}: the prompt goes to the cheap or to the dear model.",
    "cascade": "The cheapest of {models} models answers first. Where its answer passes{cut} it is kept, else the next model is asked.",
    "panel": "{panel} models answer at once. Where they agree enough{cut} that is the answer, else a strong model is asked.",
    "vote": "Several models answer, and one answer is made of theirs.",
    "mixture": "A die says which of {models} models answers.",
    "single": "Every prompt goes to the same model.",
    "oracle": "All models answer, and the cheapest of the best answers is picked with hindsight.",
    "online": "The prompt goes to one of several models, and what came of it changes the next choice.",
}
ALT_CUT, ALT_WEIGHT, ALT_LOOKS = " ({cut})", " and the {weight}", "the prompt"
PROMPT, PROMPTS, ANSWER = "prompt", "prompts", "answer"
DRAW, VOTE, HINDSIGHT, FEEDBACK = "at random", "vote", "hindsight", "feedback"
LOOKS = {"embedding": "embedding", "tasks": "task", "predicted_quality": "forecast", "prompts": "words"}
