"""What every warning says, and what to do about it: templates with {placeholders}, filled by dashboard.components.cautions.

Keys are the ids of strategies.study.warnings; `id.case` is the sentence of a case of it.
"""

from __future__ import annotations

from collections.abc import Mapping

# A sign and a word each: a colour alone says nothing to many.
SEVERITIES: Mapping[str, tuple[str, str]] = {"serious": ("▲", "Serious"), "caution": ("△", "Caution"), "note": ("○", "Note")}

SENTENCES: Mapping[str, str] = {
    "tuned-on-test": "{names} was set by looking at the {queries} queries that are shown: the figures are too good.",
    "tuned-crossed": "{names} was chosen on the {queries} queries that are shown; what learns from data never saw them.",
    "best-of-many": (
        "The best of {candidates} in play, so also the luckiest: its quality of {shown} is {corrected} without the luck of being "
        "picked, and at least {bound} ({level} sure)."
    ),
    "few-queries": "Only {queries} queries are tested: a share near one half is known to ± {half} points.",
    "setting-extrapolated": "{names} stands at {setting}, outside {low} to {high}: the calibrate part saw nothing there.",
    "cost-extrapolated": "On test it costs {cost}; on calibrate no setting cost less than {low} or more than {high}.",
    "mix-unlike": "{distance} of the queries would have to change their task to be the mix that settings were chosen on ({names}).",
    "mix-unlike.unseen": (
        "{distance} of the queries would have to change their task to be the mix that settings were chosen on ({names}); {unseen} are of "
        "tasks that were never seen there."
    ),
    "judge-error": "A judge scored the quality and errs in {error} of its verdicts: that of {names} lies between {low} and {high}.",
    "judge-error.unknown": "A judge scored the quality, and how often it errs is not known.",
    "simulated-judge": "The judge that this strategy asks was made from the truth, with an error in {error} of its verdicts.",
    "simulated-judge.unknown": "The judge that this strategy asks was made from the truth.",
    "knows-truth": "This one knows which answers are right: a bound, which nobody can reach.",
    "simulated": "Simulated: none of the {models} models was asked.",
    "simulated.some": "{part} models are simulated, made from recorded ones: {names}.",
    "missing": "{queries} queries are left out, for not every model's answer and cost is known there: {coverage} remain.",
    "missing.models": "Left out, because answers or costs are not known: {names}. {coverage} of the queries remain.",
    "assumed-prices": "The costs of {part} models are assumed, not billed.",
    "assumed-prices.share": "No price is known: the cost is the share of queries that are sent to the stronger model.",
    "assumed-energy": "The energy of {part} models is a device's assumed watts times recorded seconds.",
}

PART, ALL = "{models} of {of}", "all {of}"

TO_DO: Mapping[str, str] = {
    "tuned-on-test": "Reset it, or set it for a goal, which looks at the calibrate part only.",
    "tuned-crossed": "From 1,000 queries on, a part is kept for showing alone.",
    "best-of-many": "Quote the corrected figure.",
    "few-queries": "Add queries: from {least} on there are curves.",
    "setting-extrapolated": "Move it back inside.",
    "cost-extrapolated": "Look on the Data page at what sets the two parts apart.",
    "mix-unlike": "Weigh the tasks as yours are, on the page What if.",
    "judge-error": "Read smaller differences as none, and check some verdicts by hand.",
    "judge-error.unknown": "Check some of its verdicts by hand, and read small differences as none.",
    "simulated-judge": "Read it as what such a judge would be worth.",
    "knows-truth": "Compare with it, do not plan with it.",
    "simulated": "Learn from it how methods behave, not which one to take.",
    "missing": "Ask the missing ones on the page Models, or choose other models.",
    "assumed-prices": "See on the page What if how much hangs on them.",
    "assumed-prices.relative": "Type what a call of each costs, in the list of relative prices at the side.",
    "assumed-prices.share": "Type what a call of each costs, in the list of relative prices at the side.",
    "assumed-energy": "Choose the device that answers.",
}
