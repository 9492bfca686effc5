"""Cross-fitting: five policies that are one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from data.splits import fold_of
from strategies.proving import proving_ground
from strategies.registry import find
from strategies.study.curves import fitted
from strategies.study.prepare import prepare


def test_all_folds_use_the_confidence_that_the_first_one_chose() -> None:
    """A signal that varies in one fold only would be taken by some fits and not by others: one threshold means one thing."""
    table = proving_ground(300)
    fold = fold_of(table)
    margin = np.where((fold == 0)[:, None], table.signals["margin"], np.float32(0.5))
    study = prepare(replace(table, signals={"margin": margin}, stored_fingerprint=""))
    alone = {find("margin-cascade")().fit(parts.fit).signals() for parts in study.parts}
    assert len(alone) == 2
    fit = fitted(study, find("margin-cascade")())
    assert {policy.signals() for policy in fit.policies} == {("predicted",) * 3}
    assert len({tuple(policy.settings().items()) for policy in fit.policies}) == 1
