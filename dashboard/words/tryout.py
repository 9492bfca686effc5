"""Words of "Try a prompt" on the Models page."""

TITLE = "Try a prompt"
INTRO = (
    "Ask several models one question and see what each says, how sure it is of every token, and what it costs. "
    "The small models of the ladder run in this process and know thirteen kinds of puzzles."
)
CATEGORY = "Kind of puzzle"
ANY = "any"
CATEGORIES = {
    "add": "addition",
    "sub": "subtraction",
    "mul": "multiplication",
    "compare": "comparison",
    "sort": "sorting",
    "string": "strings",
    "count": "counting",
    "date": "dates",
    "unit": "units",
    "seq": "sequences",
    "order": "orderings",
    "bool": "truth values",
    "word": "word problems",
}
LEVEL = "Level"
LEVEL_HELP = "1 is easy, 5 is hard."
RANDOM = "Random puzzle"
RANDOM_HELP = "One that no model has seen in training; its right answer is shown after the models have answered."
PROMPT = "Prompt"
PLACEHOLDER = "What is 82 plus 42?"
MODELS = "Models to ask"
ASK = "Ask"
ASK_HELP = "Ctrl+Enter in the box asks too."
EMPTY = "Type a prompt, or take a random puzzle."
NOBODY = "Choose at least one model."
PUZZLE = "{category}, level {level}"

TOOL_TITLE = "Calculator and SQL"
KINDS = {
    "working": "writes its working",
    "direct": "answer alone",
    "field": "specialist: {field}",
    "tool": "exact where it knows the form",
    "here": "on this machine",
    "added": "added by you; the call may be billed",
}
ASKED = "Asked"
RIGHT_ANSWER = "Right answer"
RIGHT, WRONG = "right", "wrong"
WAITING = "asking …"
SILENT = "said nothing"
NO_FORM = "can't answer: it knows no form for this"
CUT = "cut at its longest"
WORKING = "Working"
TOKENS_OF = "Tokens of {name}"
PROBABILITY = "{probability}, token {n} of {total}"
PROBABILITY_UNKNOWN = "probability not known, token {n} of {total}"
END = "end"
CONFIDENCE = "confidence"
HARDLY = "< 0.1 %"
CONFIDENCE_HELP = "Product of the probabilities of all its tokens, working included"
TOKENS = "tokens in / out"
COST = "cost per 1,000"
COST_HELP = "What a thousand such answers cost{assumed}"
COST_ASSUMED = " (assumed price)"
TIME = "time"
LEGEND = (
    "The deeper a token is shaded, the less sure the model was of it. The number under it is its probability in %; none is 99.5 or more. "
    "The ladder's models write the digits of a number from the last to the first."
)
FAILED = "The models could not be asked"
