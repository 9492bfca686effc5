"""Words of the What-if page."""

TITLE = "What if"
INTRO = (
    "Change what you are not sure of and see what it does to a strategy. Recorded answers are counted again under your assumptions; "
    "no model is called."
)
ALONE = "{model} alone"
STRATEGY = "Strategy"
STRATEGY_HELP = "The strategies in play, as they are set on Trade-offs."
BROKEN = "This scenario cannot be used and was left out: {why}"
FAILED = "These assumptions cannot be made here: {why}"
RESET, RESET_HELP = "Reset", "Take all assumptions back."
REMOVE = "Take this assumption back"
COUNTING = "Counting recorded answers again"
NOTHING = "Nothing is assumed: figures are as recorded. Move one of the assumptions."
ASSUMED = "Assumed"
REFIT = "Learn and tune again under these assumptions"
REFIT_HELP = (
    "Off: the strategy stays as it is, as it would on the day when things change. "
    "On: it is fitted again and tuned to keep {keep} of the best model's quality, at the least cost."
)
KEPT, REFITTED = "The strategy is kept as it is.", "The strategy is fitted and tuned again under these assumptions."

# Cards
MEASURES = {"quality": "Quality", "cost": "Cost", "saving": "Saving", "latency": "Mean latency", "monthly": "A month"}
COST_TITLES = {"USD": "Cost of 1,000 queries", "share": "Sent to the strong model", "relative": "Relative cost"}
SAVING_TITLE = "Saved against {best} alone"
INTERVAL = "{low} to {high}"
UNKNOWN = "not known"
NO_DIFFERENCE = "no change"
NOTHING_TO_PAIR = "change not known"
NEVER = "never keeps up"
CARDS_ALT = "Before and after, with 95 % intervals"
INTERVALS_ALONE = "Beneath each figure its 95 % interval over {n} tested queries."
INTERVALS = (
    "Beneath each figure its 95 % interval over {n} tested queries; the change is paired, query by query, so it is surer than the "
    "two intervals look."
)
EFFECTIVE = "In this mix they tell as much as {n} equally weighted queries."

# Sentences
AS_IT_IS = "As it is, **{title}** answers {quality} of the queries right for {cost}."
AS_IT_IS_GRADED = "As it is, **{title}** reaches a quality of {quality} for {cost}."
COSTS = {"USD": "{amount} per 1,000 queries", "share": "{amount} sent to the strong model", "relative": "a relative cost of {amount}"}
SAVES = " That is {saving} less than {best} alone."
COSTS_MORE = " That is {saving} more than {best} alone."
UNDER = "Under these assumptions"
QUALITY_FALLS = "quality **falls by {value} points**, to {now}"
QUALITY_RISES = "quality **rises by {value} points**, to {now}"
QUALITY_STAYS = "quality stays at {now}"
QUALITY_UNSURE = "quality is {now}, which cannot be told apart from {before}"
QUALITY_UNKNOWN = "quality is not known"
COST_RISES = "the bill **rises by {value}**"
COST_FALLS = "the bill **falls by {value}**"
COST_STAYS = "the bill stays"
COST_UNSURE = "the bill changes by less than these queries can tell"
COST_UNKNOWN = "the bill is not known"
MONTH = ": {after} a month instead of {before}"
LATENCY_MOVES = "an answer takes {after} instead of {before}"
LATENCY_UNKNOWN = "how long answers take is not known"
OVERLOAD = "**{model} never keeps up**: it is asked for {utilisation} of the time it has, so the queue grows without end"
WAITS = "{model} is busy {utilisation} of the time; a call waits {wait} on average"
BEST_IS = "Of what is in play and the single models, the cheapest that keeps {keep} of {best}'s quality is **{title}**."
BEST_STAYS = "Of what is in play and the single models, the cheapest that keeps {keep} of {best}'s quality is still **{title}**."
BEST_MOVES = (
    "Of what is in play and the single models, the cheapest that keeps {keep} of {best}'s quality is **{now}** instead of {before}."
)
BEST_NOBODY = "Nothing in play, and no single model, keeps {keep} of {best}'s quality then."
DEAF = "This strategy reads no recorded confidence, so a judge's error changes nothing."

# Levers
LEVERS = "Assumptions"
ABOUT, ABOUT_HELP = "About", "Prices, times and failures are those of this model."
EVERY = "All models"
PRICE, PRICE_SAID = "Price", "What a model charges: its whole bill, or each kind of token apart."
FACTOR = "Whole bill, times"
FACTOR_HELP = "1 = as recorded. At 0 the model is free."
TOKENS_SAID = "US dollars per million tokens; empty = as recorded."
TOKEN_PRICES = {"input": "Prompt", "output": "Completion", "cached": "Cached prompt", "reasoning": "Reasoning"}
CACHED_SHARE, CACHED_HELP = "Share of the prompt that is cached", "Assumed for every query; needs a price for cached tokens."
HOUR, HOUR_HELP = "An hour of an own machine, $", "Billed by measured seconds instead of tokens; empty = as recorded."
BATCH, BATCH_HELP = "Send in batches at a rebate of", "Often half the price; the answers come within a day, so latency is not known."
DAY, DAY_SAID = "Prices of a day", "The recorded answers, at the prices of any day."
DAY_LABEL, DAY_HELP = "Day", "Days on which a price of these models changed: {days}"
DAY_NONE = "The price list that comes along knows none of these models. Add a list of your own."
BOOK, BOOK_HELP = "A price list of your own (CSV)", "Columns model, input, output in $ per million tokens; date where prices change."
BOOK_CHOICE, BOOK_LIST = "Price list", "The list that comes along"
PROCESSING = {"standard": "at once", "batch": "in batches"}
PROCESSING_LABEL = "Answered"
TIME, TIME_SAID = "Time and load", "How long calls take, and how long they wait when many come at once."
LATENCY, LATENCY_HELP = "Latency, times", "1 = as measured."
SECONDS, SECONDS_HELP = "Every call takes, s", "The same seconds for every call; empty = as measured."
NO_LATENCY = "No latency was measured here: set seconds to see one."
PER_HOUR, PER_HOUR_HELP = (
    "Queries an hour",
    "All queries that arrive; the model gets as many of them as the strategy sends it. Empty = no queue.",
)
SERVERS, SERVERS_HELP = "Calls at once", "How many calls the model can work on at the same time."
LOAD_NOTE = "Calls at random times, first come first served (Erlang C; Allen and Cunneen's factor for how calls vary)."
ONE_MODEL = "Choose one model above for more: token prices, load, failures."
FAILS, FAILS_SAID = "Failures", "What happens when the model does not answer, or is gone for good."
FAIL_KINDS = {"up": "Works", "down": "Down", "gone": "Gone for good"}
FAIL_HELP = (
    "Down: the next model answers in its place, the next dearer one first; the strategy does not know. "
    "Gone for good: the strategy is fitted and tuned again without it."
)
DOWN_SHARE = "Queries that meet the outage"
LOST, LOST_HELP = "Noticed after, s", "How long a call waits before it fails over."
JUDGE, JUDGE_SAID = "A judge's error", "How often the confidence that a strategy looks at tells nothing."
JUDGE_LABEL = "Share of answers"
JUDGE_HELP = "There the recorded confidence is that of another, random answer; a simulated judge errs this often. Both are simulated."
TASKS, TASKS_SAID = "Mix of tasks", "How often each kind of query comes, compared with how often it was recorded."
TASK_CHOICE, TASK_CHOICE_HELP = "Tasks to weigh", "More than a few at once are chosen here."
VOLUME, VOLUME_SAID = "Monthly volume", "How many queries are paid for."
VOLUME_LABEL = "Queries a month"
NEW, NEW_SAID = "A new model with few labels", "You tried a model on a few queries and counted the right answers. What can be said?"
NEW_NAME, NEW_LABELS, NEW_RIGHT, NEW_COST = "New model", "Answers checked", "Of them right", "Cost of 1,000 queries, $"
TIMES = "× {value:g}"

# What it hangs on
HANGS, HANGS_SAID = "What the conclusion hangs on", "Each input moved alone, everything else as assumed above. Longest bars matter most."
HANGS_MEASURES = {"saving": "Saving", "cost": "Cost", "quality": "Quality", "latency": "Latency"}
HANGS_LABEL = "Conclusion"
HANGS_AGAINST, HANGS_ALONE = "Against", "nothing"
HANGS_AGAINST_HELP = "The difference to another strategy, on the same queries."
INPUTS = {
    "price": "Price of {about}", "latency": "Latency of {about}", "task": "How often {about} comes", "judge": "A judge's error",
    "outage": "{about} down",
}  # fmt: skip
HANGS_MOST = "It hangs most on **{first}**: from {low} to {high}."
HANGS_FLIPS = " Its sign changes there."
HANGS_NOTHING = "None of these inputs moves it."
HANGS_ALT = "Tornado chart: {said}"
HANGS_CAPTION = (
    "Prices, latencies and tasks from half to double, a judge that errs on 20 % of the answers, each model down. "
    "The strategy and its settings are kept. A saving may also rise because quality falls: look at both."
)
HANGS_KEY = ("half as much", "double, down or erring")
HANGS_JOB = "Moving each input"
AXES = {"saving": "Saving", "quality": "Quality", "latency": "Mean latency, s"}
AXES_COST = {"USD": "Cost of 1,000 queries, $", "share": "Share sent to the strong model", "relative": "Relative cost"}
DIFFERENCE_TO = "{axis}: difference"
UNMOVED = "Not moved here: {names}."

# Break-even
FLIPS, FLIPS_SAID = (
    "At which price the recommendation flips",
    "Recommended is the cheapest that keeps {keep} of {best}'s quality, chosen on calibrate as thresholds are.",
)
FLIPS_NOW = "Now that is **{title}**."
FLIPS_NOBODY = "Now nothing in play does."
FLIPS_KIND = {"bill": "Whole bill", "input": "Prompt tokens", "output": "Completion tokens", "hour": "An hour"}
FLIPS_LABEL = "Price"
FLIPS_COLUMNS = ("Model", "Price now", "Flips below", "to", "Flips above", "to")
FLIPS_NEVER, FLIPS_NOBODY_LEFT = "never", "nothing in play"
FLIPS_NEAREST = "The nearest flip: when {model} costs {factor} what it does here, **{to}** is recommended instead."
FLIPS_NONE = "No price of a single model flips it, however low or high."
FLIPS_EXACT = "Exact: what a strategy costs is a straight line in each price, and these are the places where two lines cross."
FLIPS_ROUGH = "Nearly exact: some strategy here looks at its own bill and may change its calls with a price."
FLIPS_NO_PRICE = "No model here has that price."
FLIPS_JOB = "Crossing cost lines"
PRICE_UNITS = {"bill": "× {value}", "input": "${value} / M", "output": "${value} / M", "hour": "${value} / h"}

# A new model
NEW_QUALITY = "**{name}**: {right} of {labels} right is {quality}; with so few labels anything from {low} to {high} fits."
NEW_BETTER = "It is better than {title}, by {low} to {high} points."
NEW_WORSE = "It is worse than {title}, by {low} to {high} points."
NEW_UNSURE = "Whether it is better or worse than {title} ({other}) cannot be told yet: the difference lies between {low} and {high} points."
NEW_NEEDED = "If it stays at this rate, about {n} labels would settle it."
NEW_ALIKE = "At this rate the two look alike, and more labels may never settle it."
NEW_SAVES = "At its price it would cost {change} than {title}: {new} instead of {old} for 1,000 queries."
CHEAPER, DEARER = "{share} less", "{share} more"
EXACT_NOTE = "Exact interval (Clopper and Pearson); difference by MOVER (Donner and Zou)."

# What is assumed, on the button that takes it back
SAID = {
    "day": "prices of {day}",
    "gpu": "{about}: ${usd} an hour",
    "bat": "{about}: batches, {rebate_share} off",
    "bill": "{about}: price × {factor}",
    "lat": "{about}: latency × {factor}",
    "down": "{about}: down for {share_share}",
    "gone": "{about}: gone",
    "err": "judge errs on {error_share}",
    "mix": "{about}: × {weight}",
    "load": "{about}: {per_hour} queries an hour",
    "vol": "{per_month} queries a month",
    "new": "new model: {right} of {labels} right",
}
SAID_SECONDS = "{about}: {seconds} s a call"
NOBODY = "nothing"
NOBODY_IN_PLAY = "No strategy is in play that can run on this data. Put one in play on Trade-offs."
NO_TASKS = "These queries have no tasks to weigh."
