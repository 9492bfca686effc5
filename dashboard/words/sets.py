"""Words of the Data page."""

TITLE = "Data"
INTRO = "Bring a file with what several models answered: right or wrong, what it cost. Or start from a set that is here."

# upload
UPLOAD = "Add your own outcomes"
UPLOAD_KIND = "What to choose"
UPLOAD_KINDS = {"files": "Files", "folder": "A folder"}
UPLOAD_LABEL = "One file, or several that make one set: CSV, TSV, Excel, JSON, JSON lines, Parquet, .eval, gzip, zip"
UPLOAD_FOLDER = "A folder whose files make one set; what can be no table is passed over"
UPLOAD_HELP = (
    "Up to 200 MB. A row per query with a column per model, or a row per query and model; or logs as they were written: "
    "inspect_ai, Langfuse, OpenAI batch, LiteLLM, OpenTelemetry and others. References and price lists can come as further files."
)
READING = "Reading {files}"
WORKING = "{title}: {seconds:.0f} s so far. You can look around meanwhile."
STOP = "Stop"
READ_STOPPED = "Reading was stopped; the files are still here."
READ_AGAIN = "Read again"
READ_FAILED = "This could not be read"
MAKING = "Making the table"
MAKING_STOPPED = "This was stopped."
SAVING = "Saving {name}"
INSTEAD = "Open {name} instead"
INSTEAD_HELP = "It is a set of its own: read it with the files that both share, and leave this one out."
ALL_FILES = "Back to all files"
MORE_PROBLEMS = "{n:,} more are not shown."
UNDERSTOOD = "Understood"
NOT_YET = "Not understood yet"
ONE_STEP = "One question first"
IN_THE_WAY = "Not ready yet"
ROWS = "{rows}, {columns}"
ROW_COUNT = ("1 row", "{n:,} rows")
COLUMN_COUNT = ("1 column", "{n:,} columns")
FILES_TITLE = "What each of the {n} files became"
FILE_HEAD = ("File", "Used as", "Details")
PROBLEM_HEAD = ("File", "Row", "Column", "What is wrong", "What to do")
WARNING_HEAD = ("File", "Row", "Column", "What to know", "What can be done")
PROBLEMS_LABEL = "Problems"
PROBLEMS = "{n:,} problems stand in the way"
PROBLEM_ONE = "One problem stands in the way"
PROBLEM_ROWS = "Problems in {n:,} rows stand in the way"
MORE_ROWS_LIKE = "The first of each column are shown, {n:,} in all."
MEND_SCALE = "Read all scores as {scale}"
MEND_SCALE_HELP = "For every model; where only some were scored on this scale, the audit finds the others and can repair them."
MEND_MISSING = "Read {value:g} as not recorded"
MEND_MISSING_HELP = "A score of {value:g} says that there is none."
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
PREVIEW_ONE = "The only row"
AS_LAST_TIME = "as last time: {value}"
UNIT_OF = {"cost_usd": "Costs are in", "latency_s": "Latencies are in"}
UNIT_SAID = {"cost_usd": ":small[· costs in {unit}]", "latency_s": ":small[· latencies in {unit}]"}
UNIT_EACH = "what each column's name says"
UNIT_EACH_HELP = "The columns have different units by their names; another choice holds for all of them."
UNIT_OTHER = "the file's unit × {factor:g}"
UNIT_EXAMPLE = "{raw} in the file is {value}."
UNIT_EXAMPLE_COST = "{raw} in the file is {value} a query."
UNIT_EXAMPLE_PRICE = "{raw} in the file is {value} per million tokens; the tokens recorded make it a cost."
SCORE_WORDS = "The scores hold words that are not known. What do they mean?"
WORD_MEANS = {"right": "right (1)", "wrong": "wrong (0)", "missing": "not recorded"}

# what was corrected last time
REMEMBERED = "**Mapped as last time** (file {file}, {date}): {parts}."
REMEMBERED_OFF = "A file of this shape was mapped by hand before (file {file}, {date}): {parts}."
UNDO = "Undo"
USE_AGAIN = "Map it the same way"
FORGET = "Forget it"
FORGET_HELP = "Remove what was kept: the next file of this shape is understood by itself."
MAPPING_PARTS = {
    "shape": "rows", "query": "columns of the query", "cells": "columns of the models", "signals": "signals", "factors": "units",
    "cost_per": "what costs are per", "scale": "scale", "scorer": "how answers are compared", "empty_answer_means": "what empty means",
    "missing": "words for not recorded", "right": "words for right", "wrong": "words for wrong", "keep_outcome_rows": "rows by outcome",
}  # fmt: skip

# the steps of an earlier set
REPLAY = "Apply the steps of an earlier set"
REPLAY_HELP = "Mapping, prices, models and decisions of a set that was made before, on these files: for the next version of a file."
REPLAY_SET = "Of a set on this machine"
REPLAY_DO = "Apply its steps"
REPLAY_FILE = "Or of a history that was saved as a file"
REPLAYING = "**The steps of {name} are applied** ({n} lines)."
REPLAYED = "All {n} steps were applied"
REPLAY_FAILED = "{n} of {all} steps could not be applied"
REPLAY_SAME = "All steps were applied: the table is the same as before, to the bit"
REPLAY_HEAD = ("Step", "What", "In detail", "Now")
STATUS = {"applied": "applied", "derived": "read anew", "nothing to do": "nothing to do", "not applied": "not applied"}

# models
ARMS_TITLE = "Models: choose, rename, merge or reorder the {n}"
ARMS_TITLE_ONE = "Models: rename the one"
ARMS_LEFT = "Models: {n} of {all} stay"
ARMS_ALIKE_TITLE = ":small[· some look like one]"
ARMS_ALIKE = "{names} look like one model."
ARMS_MERGE = "Merge into {into}"
ARMS_MERGE_HELP = "Where both answered, their mean counts; else what is known."
ARMS_MERGED = "Merged: {merges}."
ARMS_ONLY = "Keep only"
ARMS_ONLY_EXAMPLE = "Type parts of names: only what is here stays"
ARMS_ONLY_HELP = "Empty: all stay that are ticked below."
ARMS_ORDER = "Order"
ARMS_ORDERS = {"file": "as in the file", "cheap": "cheap to dear", "good": "best first", "name": "by name", "own": "your own"}
ARMS_STAY = "{n} of {all} models stay."
ARMS_RESET = "Undo all"
ARMS_LIST = "Models: whether each stays, its name, its place"
ARMS_APPLY = "Apply and save"
ARM_STAYS = "Keep"
ARM_STAYS_HELP = "Untick what is not to be compared."
ARM_NAME = "Model"
ARM_NAME_HELP = "Press twice to give it another name."
ARM_PLACE = "Place"
ARM_PLACE_HELP = "Type another place to move it there."
PRESET_ENDS = "Cheapest and best"
PRESET_NEAR = "Best, and the cheapest within 10 points"
PRESET_HULL = "Best value at every price"
PRESET_TOP = "Five best"
PRESET_HELP = "Keeps {models}. What is cheap is known by cost, else by list price, else by the size in the name."
QUALITY = "Quality"
COST_1K = "Cost per 1,000"
KNOWN_FOR = "Known for"
SCORER = "How answers are compared with the reference"
SCALE_TITLE = "Scores go from"
SCALE = "{low:g} to {high:g}"
MISSING_WORDS = "Also means not recorded"
MISSING_WORDS_HELP = "Further words or numbers that stand for no value, with commas between them."
MISSING_WORDS_EXAMPLE = "-1, n.d."

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
PRICE_COLUMNS = ("Model", "Quality", "List price in, $ per M tokens", "List price out, $ per M tokens")

# findings
AUDITING = "Looking at the numbers themselves"
AUDIT_FAILED = "The audit could not be done: {why}. The set can still be saved."
SEVERITIES = {"error": ("error", "errors"), "warning": ("warning", "warnings"), "info": ("note", "notes")}
FINDINGS_TITLE = "Audit: {said} to look at"
FINDINGS_DECIDED = "Audit: {n} decided, none open"
FINDINGS_NONE = "Audit: no check found anything in costs, tokens, scores, prompts and cells."
FINDINGS_INTRO = (
    "Each can be decided now or later; what is decided stands in the history. "
    "In italics: what it does to the conclusions (costs are per query)."
)
SETTLED = "Decided: {choice}."
TOGETHER = "Show what these choices do together"
TOGETHER_NOT = "These choices cannot all be carried out: nothing would be left."
NO_EFFECT = "No conclusion changes."
MORE_EFFECTS = "; and {n} more"
ROWS_ONE = "1 row"
ROWS_MANY = "{n:,} rows"
FINDING_ROWS = "Show its {n:,} rows"
FINDING_ROW = "Show its row"
MORE_ROWS = "{n:,} more rows are not shown."
SHOWN_FIELDS = {
    "quality": "score", "cost_usd": "cost", "latency_s": "latency", "tokens_in": "tokens in", "tokens_out": "out",
    "tokens_total": "in all", "tokens_reasoning": "reasoning", "tokens_cached": "cached",
}  # fmt: skip
NOT_RUN = "not run"
CHOICE = "What to do with it"
CHOICES = {"repair": "Repair", "exclude": "Exclude", "keep": "Keep as it is"}
DECIDE = "Decide {n} and save"
DECIDE_ONE = "Decide and save"
VERSION_NAME = "Name of the new version"
VERSION_HELP = "The set itself stays as it is; the history of the new one says what was done."
VERSION_SAVED = "Saved as **{name}**, open now; {old} stays as it was."
VERSION_SAME = "Noted in the history of **{name}**; its figures are the same."
REPORT_PAGE = "Audit report (HTML)"
REPORT_MARKDOWN = "Audit report (Markdown)"
REPORT_TITLE = "Audit of {name}"
FINDING_HEAD = ("Row", "Query", "Prompt", "Values")

# save
NAME = "Name of the set"
SAVE = "Save and open"
SAVE_ONLY = "Save"
SAVE_ONLY_HELP = "Kept on this machine. Trade-offs cannot show it yet: {why}"
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
ALONG_NOTHING = "a log without scores"
BROKEN = "{name} cannot be opened: {why}"

# data card
CARD_TITLE = "About {name}"
SECTION = "Section"
SECTIONS = {"overview": "Overview", "audit": "Audit", "models": "Models", "known": "Known answers", "history": "History"}
UNSCORED = (
    "Nothing says which answers were right. Costs, tokens and latencies can be looked at; comparing strategies needs scores: "
    "add them as a column, or a file with references joined by the query's id, and upload again."
)
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
MEANS_CALLS = ("Model", "Quality", "Calls", "Cost per 1,000", "Latency", "Tokens in / out", "Price")
MEANS_NOTE_CALLS = "Over the calls of all {n:,} queries; hover for full precision."
MEANS_HEAD = ("Model", "Quality", "Known for", "Cost per 1,000", "Latency", "Tokens in / out", "Price")
MISSING_NONE = "Every model's quality is known for every query."
MISSING_SOME = "**{n:,} of {all:,} cells are not known.**"
MISSING_CALLS = "**{n:,} of {all:,} calls were not made**, or are not in the log."
MISSING_UNSCORED = "No call is scored: the picture shows which calls were made."
MISSING_LEGEND = "Each row is a model, each stripe a block of queries: full = all known, pale = some, empty = none."
MISSING_ACROSS = "Query, in the order of the file"
MISSING_HOVER = "%{y}: from query %{x}, %{z:.0%} known<extra></extra>"
MISSING_ALT = "Known answers by model and query: {words}"
HISTORY = "History"
READ_UNIT = {"cost_usd": "costs in {unit}", "latency_s": "latencies in {unit}"}
READ_SCALE = "scores from {scale}"
READ_MISSING = "not recorded: {words}"
HISTORY_HEAD = ("What", "In detail")
HISTORY_SAVE = "Save the history (JSON)"
HISTORY_SAVE_HELP = "The steps can be applied to the next version of the file: here, or with data.history.replay."
NOT_KNOWN = "not known"
TIERS = {"recorded": "recorded", "list": "list price", "typed": "typed", "assumed": "assumed", "unknown": "unknown"}
PRICE_M = "${price_in:g} / ${price_out:g} per M"
PRICE_Q = "${usd} per 1,000"
PRICE_H = "${usd:.2f} per hour"
PRICE_R = "{weight:g} relative"
