"""Price lists as companions: a row a model, USD per million tokens in and out."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from data.models import ModelCard
from data.readers.base import Sheet
from data.readers.nested import KEY_COLUMN
from data.readers.values import labels, parsed
from data.readers.vocabulary import ROW_WORDS, flat, role_by_name

_UNIT = r"(_?(usd|us|dollars?))?_?per_?(?P<unit>(1_?)?m(illion)?|1_?000_?000|mtok|(1_?)?k|1_?000|thousand)?(_?(tok|tokens?))?"
_IN = re.compile(rf"((price|cost)_?(per_)?)?(input|prompt|in)(_?tokens?)?(_?(price|cost))?{_UNIT}")
_OUT = re.compile(rf"((price|cost)_?(per_)?)?(output|completion|out)(_?tokens?)?(_?(price|cost))?{_UNIT}(_?usd)?")
_ROWS_MOST = 2_000
_TOKEN_MOST = 1e-3  # USD per million tokens: where no price is higher, they are prices per token
PRICE_IN = ("input_price", "input_per_mtok", "price_in", "input_cost", "prompt_price", "input", "price_in_usd_per_mtok", "in")
PRICE_OUT = ("output_price", "output_per_mtok", "price_out", "output_cost", "completion_price", "output", "price_out_usd_per_mtok", "out")


def is_price_list(sheet: Sheet) -> bool:
    """Whether a sheet is a row a model with prices per million tokens, in and out."""
    if not model_column(sheet) or len(sheet) >= _ROWS_MOST:
        return False
    columns = [_priced(sheet, words, shape) for words, shape in ((PRICE_IN, _IN), (PRICE_OUT, _OUT))]
    return all(columns) and not any(np.isnan(parsed(sheet.columns[column])[0]).all() for column in columns)  # `input` may be a prompt


def _priced(sheet: Sheet, words: tuple[str, ...], shape: re.Pattern[str]) -> str:
    """Return the column of a price list that has the prices in, or out: by its name as it is, or with a unit."""
    named = role_by_name(sheet.columns, words)
    return named or next((name for name in sheet.columns if shape.fullmatch(_said(name))), "")


def _said(name: str) -> str:
    """Return the name of a column with its unit in words: `Input ($/1M tokens)` is `input_per_1_m_tokens`."""
    return flat(re.sub(r"[()\[\]$]", " ", name.rsplit(".", 1)[-1].replace("/", " per ")))


def _per_mtok(sheet: Sheet, words: tuple[str, ...], shape: re.Pattern[str]) -> tuple[NDArray[np.float64], bool]:
    """Return (n,) prices in USD per million tokens, and whether the column says its unit."""
    name = _priced(sheet, words, shape)
    values, _ = parsed(sheet.columns[name])
    said = shape.fullmatch(_said(name))
    if said is None:
        return values, "mtok" in flat(name)
    unit = said.group("unit")
    factor = 1e6 if unit is None else 1.0 if unit.startswith(("m", "1_m", "1m")) or unit.count("000") == 2 else 1e3
    return values * factor, True


def price_cards(sheet: Sheet, models: Sequence[str]) -> tuple[ModelCard, ...]:
    """Return the cards of the models that a price list names.

    Prices are USD per million tokens, or per thousand or one where the columns say so, or where no price would be above 0.1 cents.
    """
    names = labels(sheet.columns[model_column(sheet)])
    (price_in, named), (price_out, _) = _per_mtok(sheet, PRICE_IN, _IN), _per_mtok(sheet, PRICE_OUT, _OUT)
    if not named and 0 < np.nanmax(np.concatenate([price_in, price_out])) < _TOKEN_MOST:
        price_in, price_out = price_in * 1e6, price_out * 1e6
    date = next((str(value) for key, value in sheet.facts.items() if "date" in key.lower()), "")
    return tuple(
        ModelCard(
            name=name,
            price_in_usd_per_mtok=float(price_in[i]),
            price_out_usd_per_mtok=float(price_out[i]),
            tier="list",
            date=date,
            source=sheet.file,
        )
        for i, name in enumerate(names)
        if name in models and not np.isnan(price_in[i])
    )


def model_column(sheet: Sheet) -> str:
    """Return the column that names a model in each row, or ""."""
    return KEY_COLUMN if KEY_COLUMN in sheet.columns else role_by_name(sheet.columns, (*ROW_WORDS["model"], "name"))
