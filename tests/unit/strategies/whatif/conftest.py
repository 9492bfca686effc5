"""A proving ground with tokens and prices that explain its bills, and strategies fitted on it once."""

from dataclasses import replace

import numpy as np
import pytest

from data.outcomes import OutcomeTable
from data.whatif.rates import billed, rates_of
from strategies.proving import proving_ground
from strategies.registry import find
from strategies.study.curves import fitted
from strategies.study.prepare import prepare

CHAIN = ("m0", "m2", "m3")


def tokened(n: int = 400) -> OutcomeTable:
    """Return a table whose bills are its tokens at its cards' prices; half of each prompt is cached, a third of each answer thought."""
    table, rng = proving_ground(n), np.random.default_rng(5)
    read = np.repeat(rng.integers(50, 400, (n, 1)), 4, axis=1).astype(np.float32)
    written = rng.integers(20, 900, (n, 4)).astype(np.float32)
    prices = ((0.1, 0.4), (0.5, 1.5), (2.0, 8.0), (10.0, 30.0))
    cards = tuple(
        replace(card, price_in_usd_per_mtok=a, price_out_usd_per_mtok=b, tier="list")
        for card, (a, b) in zip(table.cards, prices, strict=True)
    )
    tokens = {"tokens_in": read, "tokens_out": written, "tokens_cached": np.floor(read / 2), "tokens_reasoning": np.floor(written / 3)}
    table = replace(table, numbers={**table.numbers, **tokens}, cards=cards, samples=None, stored_fingerprint="")
    cost = np.stack([billed(table, card.name, rates_of(card)) for card in cards], axis=1)
    signals = {**table.signals, "cost_usd:self_check": cost / 4}
    return replace(table, numbers={**table.numbers, "cost_usd": cost}, signals=signals, stored_fingerprint="")


@pytest.fixture(scope="session")
def study():
    """Return the study of the table: cross-fitted, so every query is tested."""
    return prepare(tokened())


@pytest.fixture(scope="session")
def cascade(study):
    """Return a fitted margin cascade over three models."""
    return fitted(study, find("margin-cascade")(chain=CHAIN, thresholds=(0.6, 0.8), signal="margin"))


@pytest.fixture(scope="session")
def router(study):
    """Return a fitted router of nearest neighbours."""
    return fitted(study, find("knn-router")(lam=3.0))


@pytest.fixture(scope="session")
def single(study):
    """Return what sends everything to one model."""
    return lambda name: fitted(study, find("single")(model=name))
