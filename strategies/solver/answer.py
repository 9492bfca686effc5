"""The answer to a question: the certified policy with the best objective, how it does on test, the runner-up, or what is lacking.

The path found on the search half is tested on the certify half, in its order. Of the certified policies the one with the best objective on
calibrate is chosen. Nothing of test takes part in that: it is only reported.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from data.problems import refuse
from strategies.protocol import Bools, Doubles, Floats, Strategy
from strategies.solver.certify import betting, binomial, needed, needed_count, sequence
from strategies.solver.goals import TAIL, Limit, Question
from strategies.solver.lines import Half, Seen
from strategies.solver.measures import Against, counted, definite, least, margin, objective
from strategies.solver.report import Report, report
from strategies.solver.search import Searched, Step, Tried, search
from strategies.solver.shortlist import Place, path, points
from strategies.study.prepare import Study

MISSES = 2  # one unlucky test on the way does not end it; each is made at delta / 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """One limit of one policy on the certify half.

    mean : of the margin over the n queries, positive where the limit looks met. p : its p-value. method : "definition", "binomial"
    (exact) or "betting". needed : queries to certify on, to prove it four times of five if it is as it looks; inf if it looks broken.
    ceiling : for betting on costs, what no query's bill is assumed to pass, else NaN.
    """

    limit: Limit
    n: int
    mean: float
    p: float
    method: str
    needed: float
    ceiling: float


@dataclass(frozen=True, eq=False, kw_only=True)
class Option:
    """One policy that was tested.

    id, title : of its strategy. models : those it chains, if it names them. policy : fitted, its knobs set. aim : its objective over
    calibrate, small is good. p : the largest of its proofs'. certified : it is proved that all limits hold. cost, quality : means on test,
    for a picture; report : all of test, of those that are told of.
    """

    id: str
    title: str
    models: tuple[str, ...]
    policy: Strategy
    aim: float
    p: float
    proofs: tuple[Proof, ...]
    certified: bool
    mixed: bool
    cost: float = math.nan
    quality: float = math.nan
    report: Report | None = None

    @property
    def needed(self) -> float:
        """Queries to certify on until every limit is proved, if they are as they look; inf if one looks broken."""
        return max((proof.needed for proof in self.proofs if proof.method != "definition"), default=0.0)

    @property
    def shortfall(self) -> float:
        """The smallest mean margin of its limits on the certify half, each as a part of what the limit asks for; inf without limits."""
        return min((proof.mean / proof.limit.at for proof in self.proofs), default=math.inf)

    @property
    def narrowest(self) -> Proof | None:
        """The proof that is hardest to make; None where nothing had to be proved."""
        return max(self.proofs, key=lambda proof: (proof.p, proof.needed), default=None)


@dataclass(frozen=True, eq=False, kw_only=True)
class Answer:
    """What came out.

    With probability 1 - question.delta over the draw of the certify queries, all limits hold of every option in `tested` that is
    `certified`. chosen : the best of them, None if nothing qualifies. runner_up : the best certified of another strategy, chain or pair,
    else the next best. closest : where nothing qualifies, or something better is not proved: what comes nearest to it. bolder : the
    option of a better objective than `chosen` that a larger certify part might prove. queries_needed : labelled queries of any part, at
    the same shares, for `bolder` or `closest`; inf if no number would do, NaN if nothing is waiting.
    searched_settings : how many policies were searched; n_* : queries of each part.
    """

    question: Question
    chosen: Option | None
    runner_up: Option | None
    closest: Option | None
    bolder: Option | None
    queries_needed: float
    tested: tuple[Option, ...]
    tried: tuple[Tried, ...]
    searched_settings: int
    n_fit: int
    n_search: int
    n_certify: int
    n_test: int
    own_split: bool
    best: Report
    cost_unit: str
    energy_unit: str
    seconds: float
    seed: int

    @property
    def certified(self) -> tuple[Option, ...]:
        """All certified options, safest first."""
        return tuple(option for option in self.tested if option.certified)


def solve(
    study: Study, question: Question, *, seconds: float | None = None, seed: int = 0, energy: Floats | None = None, energy_unit: str = "",
    progress: Callable[[Step], None] | None = None, stop: threading.Event | None = None,
) -> Answer:  # fmt: skip
    """Return the answer to one question: `search`, then `answer`; arguments and errors as there."""
    found = search(study, seconds=seconds, seed=seed, energy=energy, energy_unit=energy_unit, progress=progress, stop=stop)
    return answer(found, question)


def answer(searched: Searched, question: Question) -> Answer:
    """Return the answer to a question about what was searched; the same search answers any number of questions.

    Each answer's certificate is its own: of several questions each is wrong with probability delta at most. Raises ProblemError where
    the question is about seconds or energy and none are known, or the certify part is empty.
    """
    _answerable(searched, question)
    parts, against = searched.roles, Against.of(searched.roles.fit, searched.study.best, question)
    way = path(points(searched, question, against), searched)
    options = _tested(way, searched, question, against)
    certified = [option for option in options if option.certified]
    chosen = min(certified, key=lambda option: option.aim, default=None)
    rest = [option for option in certified if option is not chosen]
    runner = _runner_up(chosen, rest)
    waiting = [option for option in options if not option.certified and (chosen is None or option.aim < chosen.aim)]
    nearest = min(waiting, key=lambda option: (option.needed, -option.shortfall, option.aim), default=None)
    closest = nearest if chosen is None else None
    shown = _shown(options, _seen(way, parts.test), (chosen, runner, nearest), searched)

    def told(option: Option | None) -> Option | None:
        return None if option is None else shown[id(option)]

    return Answer(
        question=question, chosen=told(chosen), runner_up=told(runner), closest=told(closest),
        bolder=None if chosen is None else told(nearest), queries_needed=math.nan if nearest is None else nearest.needed / parts.share,
        tested=tuple(shown.values()), tried=searched.tried, searched_settings=searched.settings,
        n_fit=len(parts.fit), n_search=len(parts.search), n_certify=len(parts.certify), n_test=len(parts.test), own_split=parts.own,
        best=report(parts.test.alone(against.best), parts.test, against.best), cost_unit=parts.fit.cost_unit,
        energy_unit=searched.energy_unit, seconds=searched.seconds, seed=searched.seed,
    )  # fmt: skip


def _answerable(searched: Searched, question: Question) -> None:
    table = searched.roles.search.table
    if (question.aim == "latency" or question.limit("p95") is not None) and not table.has("latency_s"):
        raise refuse("no seconds are recorded, so nothing can be said about them.", "Leave the limit on seconds out.", column="p95")
    if question.aim == "energy" and searched.roles.search.energy is None:
        raise refuse("nothing is known of the energy of these models.", "Ask for the least cost or the least seconds.", column="aim")


def _tested(way: Sequence[Place], searched: Searched, question: Question, against: Against) -> list[Option]:
    """Return the path's options with their proofs on the certify half, those certified marked."""
    certify, search_half = searched.roles.certify, searched.roles.search
    before, after = _seen(way, search_half), _seen(way, certify)
    aim = objective(question)
    aims = _over_both(aim(before, search_half), aim(after, certify)) if way else np.empty(0)
    ground = _Ground(certify, after, question.delta / MISSES, against)
    columns = [ground.proofs(way, limit, j) for j, limit in enumerate(question.proved)]
    proofs = [tuple(column[i] for column in columns) for i in range(len(way))]
    p = np.array([max((proof.p for proof in each), default=0.0) for each in proofs])
    passed: Bools = sequence(p, question.delta, MISSES)
    return [
        Option(
            id=place.line.id, title=place.line.title, models=place.line.models, policy=place.line.policy(place.k), aim=float(aims[i]),
            p=float(p[i]), proofs=proofs[i], certified=bool(passed[i]), mixed=place.line.mixed,
        )
        for i, place in enumerate(way)
    ]  # fmt: skip


def _seen(way: Sequence[Place], half: Half) -> Seen:
    """Return the outcomes of all places, (n, J) each: a line's settings are asked for together."""
    found: dict[int, tuple[Seen, list[int]]] = {}
    for place in way:
        if id(place.line) not in found:
            ks = [other.k for other in way if other.line is place.line]
            found[id(place.line)] = place.line.seen(half, ks), ks
    columns: dict[str, list[Floats]] = {name: [] for name in Seen.__slots__}
    for place in way:
        seen, ks = found[id(place.line)]
        for name, values in columns.items():
            wide = getattr(seen, name)
            values.append(wide[:, 0 if wide.shape[1] == 1 else ks.index(place.k)])
    nothing = np.empty((len(half), 0), dtype=np.float32)
    return Seen(**{name: np.stack(values, axis=1) if values else nothing for name, values in columns.items()})


def _over_both(a: Doubles, b: Doubles) -> Doubles:
    return np.asarray((a.sum(axis=0) + b.sum(axis=0)) / (len(a) + len(b)))


@dataclass(frozen=True, eq=False)
class _Ground:
    """What proofs stand on: the certify half, what the tested policies got there (n, J), the level of each test, the yardsticks."""

    half: Half
    seen: Seen
    delta: float
    against: Against

    def proofs(self, way: Sequence[Place], limit: Limit, j: int) -> list[Proof]:
        """Return the proofs of the j-th limit for every place."""
        if not way:
            return []
        x = np.broadcast_to(margin(limit, self.against)(self.seen, self.half), self.seen.quality.shape)
        low = np.array([least(limit, place.line, place.k, self.against) for place in way])
        p = betting(x[self.half.order], low, np.array([place.spread[j] for place in way]), self.delta)
        return [self._proof(place, limit, x[:, i], float(p[i])) for i, place in enumerate(way)]

    def _proof(self, place: Place, limit: Limit, x: Doubles, p: float) -> Proof:
        mean, n = float(x.mean()) if len(x) else math.nan, len(x)
        known = Proof(limit=limit, n=n, mean=mean, p=0.0, method="definition", needed=0.0, ceiling=math.nan)
        if definite(limit, place.line, place.k, self.against):
            return known
        if counted(limit, place.line, self.against) and n and not math.isnan(mean):
            rate, failures = TAIL if limit.kind == "p95" else 1 - limit.at, int((x <= 0).sum())
            exact = float(binomial(np.array(failures), n, rate))
            return replace(known, p=exact, method="binomial", needed=needed_count(failures / n, rate, self.delta))
        money = limit.kind in {"cost", "worth"}
        ceiling = self.against.ceiling(place.line, place.k) if money else math.nan
        spread = max(float(x.std()), 1e-12) if n else math.nan
        return replace(known, p=p, method="betting", needed=needed(mean, spread, self.delta), ceiling=ceiling)


def _runner_up(chosen: Option | None, rest: Sequence[Option]) -> Option | None:
    if chosen is None:
        return None
    others = [option for option in rest if (option.id, option.models) != (chosen.id, chosen.models)]
    return min(others or rest, key=lambda option: option.aim, default=None)


def _shown(options: Sequence[Option], seen: Seen, named: Sequence[Option | None], searched: Searched) -> dict[int, Option]:
    """Return every option by its identity with its means on test, the named ones with their reports; seen : (n, J) outcomes there."""
    test = searched.roles.test
    best = test.table.index(searched.study.best)
    found: dict[int, Option] = {}
    for i, option in enumerate(options):
        one = Seen(**{name: getattr(seen, name)[:, [i]] for name in Seen.__slots__})
        cost, quality = (float(values.mean(dtype=np.float64)) for values in (one.cost, one.quality))
        told = any(option is each for each in named)
        found[id(option)] = replace(option, cost=cost, quality=quality, report=report(one, test, best) if told else None)
    return found
