"""Who plays which part in an answer: queries to fit on, to search on, to certify on, to report on; no query plays two."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from data.outcomes import OutcomeTable, Role
from data.splits import assigned, fold_of, shuffled
from strategies.protocol import Floats, Ints
from strategies.solver.lines import Half
from strategies.study.prepare import Study

_TWENTIETHS = (7, 10, 15)  # of fewer than 1,000 queries: 35 % fit, 15 % search, 25 % certify, 25 % test
_SALT = 17  # so that the halves of calibrate are not drawn as the split was
_WORDS: tuple[Role, ...] = ("fit", "calibrate", "calibrate", "test")


@dataclass(frozen=True, eq=False, kw_only=True)
class Roles:
    """The four parts of one study; `own` says that they are the solver's own split, for a study that is cross-fitted.

    A certificate needs one policy and queries that it never saw. Cross-fitting gives five policies, each fitted on the others' test
    queries, so that under 1,000 queries the solver splits once by itself: 35 % fit, 15 % search, 25 % certify, 25 % test.
    """

    fit: OutcomeTable
    search: Half
    certify: Half
    test: Half
    own: bool

    @property
    def share(self) -> float:
        """The share of all queries that the certificate rests on."""
        whole = len(self.fit) + len(self.search) + len(self.certify) + len(self.test)
        return len(self.certify) / whole


def roles(study: Study, *, energy: Floats | None = None, seed: int = 0) -> Roles:
    """Return the parts of a study: calibrate is halved, seeded, stratified by task, repeats of a prompt kept together.

    energy : (n, M) of the study's table, in any one unit, for questions about energy.
    """
    rows = _rows(study, seed)
    known = study.parts[0]
    fit = study.table.take(rows[0], "fit") if study.crossed else known.fit
    halves = [_half(study.table.take(at, word), at, energy, seed) for at, word in zip(rows[1:3], _WORDS[1:3], strict=True)]
    test = study.table.take(rows[3], "test") if study.crossed else known.test
    return Roles(fit=fit, search=halves[0], certify=halves[1], test=_half(test, rows[3], energy, seed), own=study.crossed)


def _rows(study: Study, seed: int) -> list[Ints]:
    """Return the positions of the four parts' queries in the study's table."""
    if study.crossed:
        part = np.searchsorted(_TWENTIETHS, fold_of(study.table, seed=study.seed + seed, count=20), side="right")
        return [np.flatnonzero(part == k) for k in range(4)]
    part = assigned(study.table, seed=study.seed)
    fit, calibrate, test = (np.flatnonzero(part == k) for k in range(3))
    second = fold_of(study.table.take(calibrate), seed=study.seed + _SALT + seed, count=2) == 1
    return [fit, calibrate[~second], calibrate[second], test]


def _half(table: OutcomeTable, rows: Ints, energy: Floats | None, seed: int) -> Half:
    keys = shuffled(np.arange(len(table), dtype=np.uint64), seed + _SALT)
    known = None if energy is None else energy[rows].astype(np.float32)
    return Half(table=table, rows=rows, energy=known, order=np.argsort(keys, kind="stable"))
