"""An answer in sentences: what to do, what it comes to, how sure that is, what is lacking."""

from __future__ import annotations

import math

from dashboard.charts.figures import plain, rounded
from dashboard.components.plane.figures import money, percent, ratio, seconds, significant
from dashboard.components.trace.amounts import grouped
from dashboard.words import find as words
from strategies.registry import find
from strategies.solver.answer import Answer, Option
from strategies.solver.report import Report
from strategies.study.prepare import Study
from strategies.uncertainty.interval import Interval

_MANY = 10_000_000


def answer(study: Study, found: Answer) -> str:
    """Return the answer as one sentence, or that nothing qualifies and what comes closest, as Markdown."""
    if found.chosen is None:
        said = words.NOTHING.format(confidence=confidence(found))
        if found.closest is not None:
            said += " " + words.CLOSEST.format(plan=plan(study, found.closest), outcome=outcome(study, found, found.closest))
        return plain(f"{said} {needed(found)}")
    said = words.ANSWER.format(plan=_unbold(plan(study, found.chosen)), outcome=outcome(study, found, found.chosen))
    return plain(f"{said} {_sure(found)}")


def _sure(found: Answer) -> str:
    if found.chosen is None or not found.chosen.proofs:
        return words.SAFE
    if all(proof.method == "definition" for proof in found.chosen.proofs):
        return words.DEFINITE
    return words.CERTIFIED.format(confidence=confidence(found))


def proved(found: Answer) -> str:
    """Return what the certificate says, and what it rests on."""
    certified = len(found.certified)
    return words.PROVED.format(
        confidence=confidence(found), tested=len(found.tested), n=grouped(found.n_certify), certified=certified, shown=grouped(found.n_test)
    )


def confidence(found: Answer) -> str:
    """Return how sure the certificate is."""
    share = 1 - found.question.delta
    return percent(share, 0 if abs(100 * share - round(100 * share)) < 1e-6 else 1)


def plan(study: Study, option: Option) -> str:
    """Return what to do with a query, in a clause."""
    names = [short(study, name) for name in option.models]
    policy = option.policy
    if option.id == "single":
        return words.SINGLE.format(model=short(study, str(policy.settings()["model"])))
    if option.id == "random-mix":
        return words.MIX.format(share=percent(float(policy.settings()["share"])), strong=names[1], weak=names[0])
    if option.id == "margin-cascade":
        return _chain(names, policy.settings()["thresholds"])
    card = find(option.id).card
    if card.family == "router" and not names:
        return words.ROUTER.format(title=card.title, n=len(study.pool))
    return words.CASCADE_OF.format(title=card.title, models=" → ".join(names)) if names else words.CASCADE.format(title=card.title)


def _chain(names: list[str], thresholds: tuple[float, ...]) -> str:
    said = words.CHAIN_FIRST.format(model=names[0], at=rounded(thresholds[0], 2))
    for name, at in zip(names[1:-1], thresholds[1:], strict=True):
        said += words.CHAIN_NEXT.format(model=name, at=rounded(at, 2))
    return said + words.CHAIN_LAST.format(model=names[-1])


def short(study: Study, model: str) -> str:
    """Return a model's short name."""
    return study.table.cards[study.table.index(model)].short


def outcome(study: Study, found: Answer, option: Option) -> str:
    """Return what an option comes to on test, in the terms of the question; "" for one without a report."""
    report, aim = option.report, found.question.aim
    if report is None:
        return ""
    best = short(study, study.best)
    if aim == "energy":
        quality = _pair(report.quality)
        ends = (("energy", "mean"), ("low", "low"), ("high", "high"))
        energy = {name: significant(1000 * getattr(report.energy, end)) for name, end in ends}
        return words.TAKES_ENERGY.format(**energy, **{k if k == "quality" else f"q_{k}": v for k, v in quality.items()})
    if aim == "latency":
        times = {name: seconds(getattr(report.latency, end)) for name, end in (("seconds", "mean"), ("low", "low"), ("high", "high"))}
        return words.TAKES_SECONDS.format(**times, **{k if k == "quality" else f"q_{k}": v for k, v in _pair(report.quality).items()})
    if aim == "worth":
        return words.WORTH.format(**_pair(report.quality), **_gain(found, report), cost=cost(found, report), best=best)
    if found.question.limit("keep") is not None:
        return words.KEEPS.format(kept=percent(report.kept.mean), **_ends(report.kept), best=best, share=_share(report))
    said = words.REACHES.format(**_pair(report.quality), cost=cost(found, report))
    timed = found.question.limit("p95") is not None and not math.isnan(report.p95_s)
    return said + (words.WITHIN.format(p95=seconds(report.p95_s)) if timed else "")


def _gain(found: Answer, report: Report) -> dict[str, str]:
    """Return what a policy is worth above the best single model, per 1,000 queries where that is money."""
    value, best = found.question.value or 0.0, found.best
    gain = value * (report.quality.mean - best.quality.mean) - (report.cost.mean - best.cost.mean)
    scale, writer = (1000.0, money) if found.cost_unit == "USD" else (1.0, significant)
    amount = writer(abs(scale * gain))
    amount = words.PER_1K.format(amount=amount) if found.cost_unit == "USD" else amount
    return {"gain": (words.GAIN if gain >= 0 else words.LOSS).format(amount=amount), "value": per_wrong(value, found.cost_unit)}


def per_wrong(value: float, unit: str) -> str:
    """Return what a wrong answer costs, in the table's unit."""
    amount = money(value) if unit == "USD" else significant(value)
    return words.PER_WRONG[unit].format(amount=amount)


def cost(found: Answer, report: Report) -> str:
    """Return the mean cost of an option, in words."""
    mean = report.cost.mean
    if math.isnan(mean):
        return words.UNKNOWN_COST
    return amount(mean, found.cost_unit)


def amount(mean: float, unit: str) -> str:
    """Return a mean cost a query in words: per 1,000 queries where it is money."""
    if unit == "USD":
        return words.PER_1K.format(amount=money(1000 * mean))
    return words.SHARE_COST.format(amount=percent(mean)) if unit == "share" else words.RELATIVE_COST.format(amount=significant(mean))


def _share(report: Report) -> str:
    mean = report.cost_share.mean
    if math.isnan(mean):
        return words.UNKNOWN_COST
    return words.RATIO.format(ratio=ratio(mean)) if mean else words.FREE


def _ends(value: Interval) -> dict[str, str]:
    """Return the ends of an interval of a share; the per cent sign stands once, behind the upper one."""
    return {"low": rounded(100 * value.low, 1), "high": percent(value.high)}


def _pair(value: Interval) -> dict[str, str]:
    return {"quality": percent(value.mean), **_ends(value)}


def needed(found: Answer) -> str:
    """Return how many labelled queries what is waiting for a proof would take."""
    have = found.n_fit + found.n_search + found.n_certify + found.n_test
    if math.isnan(found.queries_needed):
        return ""
    if math.isinf(found.queries_needed):
        return words.NO_NEED.format(n=grouped(found.n_certify))
    template = words.NEED if found.queries_needed < _MANY else words.NEED_MANY
    shown = max(float(f"{found.queries_needed:.2g}"), have + 1) if found.queries_needed < _MANY else _MANY
    return template.format(needed=grouped(shown), have=grouped(have))


def runner_up(study: Study, found: Answer) -> str:
    """Return the runner-up in a sentence, "" where there is none."""
    option = found.runner_up
    return "" if option is None else plain(words.RUNNER.format(plan=plan(study, option), outcome=outcome(study, found, option)))


def bolder(study: Study, found: Answer) -> str:
    """Return what would be better but is not proved, and what a proof would take, "" where there is nothing."""
    option = found.bolder
    if option is None:
        return ""
    aim = words.AIMS[found.question.aim]
    said = words.BOLDER.format(aim=aim, plan=plan(study, option), outcome=outcome(study, found, option))
    return plain(f"{said} {needed(found)}")


def parts(found: Answer) -> str:
    """Return who played which part."""
    sizes = {"fit": found.n_fit, "search": found.n_search, "certify": found.n_certify, "test": found.n_test}
    return (words.OWN_SPLIT if found.own_split else words.SPLIT).format(**{name: grouped(size) for name, size in sizes.items()})


def _unbold(text: str) -> str:
    return text.replace("**", "")
