"""Words of the Data page."""

TITLE = "Data"
INTRO = "Bring a file with what several models answered: right or wrong, what it cost. Or start from a set that is here."

# upload
UPLOAD = "Add your own outcomes"
UPLOAD_LABEL = "One file, or several that make one set: CSV, TSV, JSON, JSON lines, Parquet, gzip, zip"
UPLOAD_HELP = (
    "Up to 200 MB. A row per query with a column per model, or a row per query and model. "
    "References and price lists can come as further files."
)
READING = "Reading {files}"
READING_LONG = "Reading {files}: {seconds:.0f} s so far. You can look around meanwhile."
READ_FAILED = "This could not be read"
MORE_PROBLEMS = "{n:,} more are not shown."
UNDERSTOOD = "Understood"
NOT_YET = "Not understood yet"
ONE_STEP = "One question first"
ROWS = "{rows:,} rows, {columns:,} columns"
FILES_TITLE = "What each of the {n} files became"
FILE_HEAD = ("File", "Used as", "Details")
PROBLEM_HEAD = ("File", "Row", "Column", "What is wrong", "What to do")
PROBLEMS_LABEL = "Problems"
PROBLEMS = "{n:,} problems stand in the way"
PROBLEM_ONE = "One problem stands in the way"
WARNINGS = "{n:,} things to know"
WARNING_ONE = "One thing to know"
GOOD_ROWS = "Use the {good:,} good rows and leave the others out"
GOOD_ROWS_HELP = "The history of the set will say which rows were left out."
DISCARD = "Discard"
DISCARD_HELP = "Forget these files; nothing was saved yet."
WANTED = "The link that you opened needs the file **{file}**. Add it here, with the same prices, and the link opens as it was."

# mapping
COLUMNS_TITLE = "Columns: what each one is"
COLUMNS_INTRO = "Correct what was guessed. In a table with a column per model, say which model a column belongs to."
COLUMN = "Column"
LOOKS = "Looks like"
EXAMPLE = "For example"
ROLE = "Is"
ROLE_HELP = "Leave empty what is not needed."
MODEL = "Of model"
MODEL_HELP = "Only for columns of one model, such as its scores or answers; empty = the column's name."
ROLES = {
    "query_id": "id of the query",
    "prompt": "question (prompt)",
    "reference": "right answer (reference)",
    "task": "task or category",
    "split": "split (train, test ...)",
    "model": "name of the model",
    "sample": "number of the sample",
    "policy": "policy that chose the model",
    "quality": "score (quality)",
    "answer": "short answer",
    "response": "full answer text",
    "cost_usd": "cost in USD",
    "latency_s": "latency",
    "tokens_in": "tokens in",
    "tokens_out": "tokens out",
    "signal": "confidence (signal)",
}
PREVIEW = "The first {n} rows"
SCORER = "How answers are compared with the reference"
SCALE_TITLE = "Scores go from"
SCALE = "{low:g} to {high:g}"
MISSING_WORDS = "Also means not recorded"
MISSING_WORDS_HELP = "Further words or numbers that stand for no value, with commas between them."
MISSING_WORDS_EXAMPLE = "-1, n.d."
MAPPED = "With these choices: {understood}."

# prices
PRICES_TITLE = "Prices"
PRICES_RECORDED = "The cost of every call is recorded; nothing to type."
PRICES_TYPE = "No tokens are recorded: type what 1,000 queries cost with each model (marked *assumed*)."
PRICES_LISTED = "Prices per million tokens come from the list named beside them; change what is not yours."
PRICES_MIXED = "Where tokens are recorded a price per million tokens is enough; else type what 1,000 queries cost (marked *assumed*)."
PRICE_EMPTY = "Without prices the picture shows relative list prices, or shares of queries, instead of money."
PER_1K = "{model}: $ per 1,000 queries"
PER_1K_SHORT = "$ per 1,000 queries"
IN_PER_M = "{model}: $ per million tokens in"
OUT_PER_M = "{model}: $ per million tokens out"
UNKNOWN = "unknown"
LIST_PRICE = "List price ${price_in:g} in and ${price_out:g} out per million tokens ({source}{date})."
ESTIMATE = "About ${usd} per 1,000 at about {tokens_in:,} tokens in and {tokens_out:,} out, counted from the texts."
NO_MATCH = "No list price is known under this name."
FILL = "Fill in estimates from list prices"
FILL_HELP = "Tokens are estimated from the length of the recorded texts, about four characters each. Marked *assumed*."
PRICE_SOURCE = "typed on the Data page"
PRICE_COLUMNS = ("Model", "Quality", "List price in", "List price out")

# findings
FINDINGS_TITLE = "{n} findings to look at"
FINDING_ONE = "One finding to look at"
FINDINGS_NONE = "No findings: costs, scores, prompts and cells look sound."
FINDING_ROWS = "Show its {n:,} rows"
MORE_ROWS = "{n:,} more rows are not shown."
SCORE = "score"
COST = "cost"
NOT_RUN = "not run"
CHOICE = "What to do with it"
CHOICES = {"repair": "Repair", "exclude": "Exclude", "keep": "Keep as it is"}
FINDING_HEAD = ("Row", "Query", "Prompt", "Values")

# save
NAME = "Name of the set"
SAVE = "Save and open"
SAVE_ONLY = "Save"
SAVE_ONLY_HELP = "Kept on this machine. Comparing needs two models and {least} queries, so Trade-offs cannot show it yet."
SAVE_HELP = "Kept in your own folder on this machine; opens on Trade-offs."
SAVE_FAILED = "The set could not be saved"
STILL_HERE = "Nothing is lost: the files and everything typed are still here."

# start from
START = "Or start from"
SAMPLE = "Sample file"
SAMPLE_HELP = "300 recorded questions with scores, costs and tokens, as a CSV to look at and to upload again."
TEMPLATES = "Templates"
# gallery
GALLERY = "Sets on this machine"
OPEN = "Open"
OPENED = "Open now"
RENAME = "Rename"
RENAME_DO = "Rename set"
DELETE = "Delete"
DELETE_ASK = "Delete **{name}** from this machine? Links to it will ask for the file again."
DELETE_DO = "Delete set"
ONE_MODEL, MANY_MODELS = "1 model", "{models} models"
SIZE = ":{colour}-badge[{kind}] {n:,} queries × {models}"
ALONG_COST = "quality against cost"
ALONG_ORDER = "quality; no cost recorded"
BROKEN = "{name} cannot be opened: {why}"

# data card
CARD_TITLE = "About {name}"
ORIGIN = "Origin"
LICENCE = "Licence"
NO_LICENCE = "not stated"
SPLITS = "Splits"
SPLIT_FILE = "As the file says: {parts}"
SPLIT_OWN = "{fit:,} fit, {calibrate:,} calibrate, {test:,} test; seeded, stratified by task, repeats kept together"
SPLIT_CROSS = "Under 1,000 queries: five-way cross-fitting, every query is tested once"
SCORED_BY = "Scored by"
SCORED_RECORDED = "as recorded"
EMPTY_MEANS = "An empty answer means"
FINGERPRINT = "Fingerprint"
TASKS = "Tasks"
TASKS_SOME = "{n}: {names}"
MEANS = "Means over all rows"
MEANS_NOTE = (
    "Over all {n:,} queries, before any split; hover for full precision. The other pages show the tested part. "
    "Best of all models on each query: {oracle}."
)
MEANS_HEAD = ("Model", "Quality", "Known for", "Cost per 1,000", "Latency", "Tokens in / out", "Price")
MISSING_TITLE = "Which answers are known"
MISSING_NONE = "Every model's quality is known for every query."
MISSING_SOME = "{n:,} of {all:,} cells are not known."
MISSING_ACROSS = "Query, in the order of the file"
MISSING_HOVER = "%{y}: from query %{x}, %{z:.0%} known<extra></extra>"
MISSING_ALT = "Known answers by model and query: {words}"
HISTORY = "History"
HISTORY_HEAD = ("What", "In detail")
AUDIT_CLEAN = "audit: nothing found"
AUDIT_OPEN = "audit: {n} open"
AUDIT_DECIDED = "audit: {n} decided"
NOT_KNOWN = "not known"
TIERS = {"recorded": "recorded", "list": "list price", "typed": "typed", "assumed": "assumed", "unknown": "unknown"}
PRICE_M = "${price_in:g} / ${price_out:g} per M"
PRICE_Q = "${usd} per 1,000"
PRICE_H = "${usd:.2f} per hour"
PRICE_R = "{weight:g} relative"
