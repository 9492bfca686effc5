"""Prices by name: the offline price list of genai-prices, matched by alias. Loaded when first asked."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from typing import Any

from data.models import ModelCard

# The maker's own price before a host's; of the hosts the larger ones first. Aggregators come last.
_PROVIDERS = (
    "openai", "anthropic", "google", "mistral", "deepseek", "x-ai", "cohere", "moonshotai", "zai", "minimax", "perplexity",
    "together", "fireworks", "groq", "aws", "azure", "cerebras", "novita", "openrouter",
)  # fmt: skip
_DATE = re.compile(r"[-@_]?(20\d{2}-?\d{2}-?\d{2}|\d{2}-\d{2}-\d{2}|\d{4})$")
_TAIL = re.compile(r"[-:](latest|exp|beta|free|online|preview)$")


def match(name: str) -> ModelCard | None:
    """Return the card of the listed model that a name means, or None if the list doesn't have it.

    Tried as written, then without host (`@host`), publisher (`meta-llama/`), tags (`:free`) and date (`-20240620`).
    The card keeps the name it was asked for; tier "list", with the list's version and provider as source.
    """
    found = _found(name)
    if found is None:
        return None
    provider, model, price_in, price_out = found
    return ModelCard(
        name=name,
        price_in_usd_per_mtok=price_in,
        price_out_usd_per_mtok=price_out,
        tier="list",
        date=_list_date(),
        source=f"genai-prices {_version()}, {provider}/{model}",
    )


def listing(name: str) -> tuple[str, Any, str] | None:
    """Return (provider, the list's own model, the list's version) of the model that `match` would find, or None.

    The model knows its prices of every day: `get_prices(datetime)`, in USD per million tokens.
    """
    found = _found(name)
    if found is None:
        return None
    provider = next(provider for provider in _providers() if provider.id == found[0])
    return found[0], next(model for model in provider.models if model.id == found[1]), _version()


def _found(name: str) -> tuple[str, str, float, float] | None:
    if not name.strip():
        return None
    publisher = name.lower().partition("/")[0] if "/" in name else ""
    for first in (publisher, ""):
        found = next((hit for alias in aliases(name) if (hit := _listed(alias, first)) is not None), None)
        if found is not None:
            return found
    return None


def cached_share(name: str) -> float:
    """Return what a prompt token read from a cache costs, as a share of an ordinary one; NaN where the list doesn't tell."""
    for alias in aliases(name):
        found = _listed(alias, "")
        if found is not None:
            from datetime import UTC, datetime

            model = next(m for provider in _providers() if provider.id == found[0] for m in provider.models if m.id == found[1])
            prices = model.get_prices(datetime.now(tz=UTC))
            read = getattr(prices.cache_read_mtok, "base", prices.cache_read_mtok)
            return float("nan") if read is None or not found[2] else float(read) / found[2]
    return float("nan")


def suggested(names: Iterable[str]) -> dict[str, ModelCard]:
    """Return name -> card of the names that the list knows; the others have to be asked for."""
    return {name: card for name in names if (card := match(name)) is not None}


def aliases(name: str) -> tuple[str, ...]:
    """Return the forms under which a model may be listed, the most exact first, in lower case."""
    forms = [name.strip().lower()]
    for step in (_without_host, _without_publisher, _without_tail, _without_date, _without_tail, _without_date):
        forms.append(step(forms[-1]))
    short = forms[-1]
    forms += [short.removesuffix("-inst") + "-instruct" if short.endswith("-inst") else short, re.sub(r"^meta-", "", short)]
    return tuple(dict.fromkeys(form for form in forms if form))


def _without_host(name: str) -> str:
    return name.split("@", 1)[0]


def _without_publisher(name: str) -> str:
    return name.rsplit("/", 1)[-1]


def _without_tail(name: str) -> str:
    return _TAIL.sub("", name)


def _without_date(name: str) -> str:
    return _DATE.sub("", name)


@cache
def _listed(alias: str, only: str) -> tuple[str, str, float, float] | None:
    """Return (provider, model, USD per million tokens in, out) of the first provider that lists this name.

    only : the publisher to ask alone, "" = all of them in the order above.
    """
    by_id = {provider.id: provider for provider in _providers()}
    for provider_id in (only,) if only else _PROVIDERS:
        provider = by_id.get(provider_id)
        model = provider.find_model(alias) if provider is not None else None
        price = None if model is None else _price(model)
        if model is not None and price is not None:
            return provider_id, model.id, *price
    return None if only else _by_short_id(alias)


@cache
def _by_short_id(alias: str) -> tuple[str, str, float, float] | None:
    for provider in sorted(_providers(), key=_rank):
        for model in provider.models:
            price = _price(model) if model.id.lower().rsplit("/", 1)[-1] == alias else None
            if price is not None:
                return provider.id, model.id, *price
    return None


def _rank(provider: Any) -> int:
    return _PROVIDERS.index(provider.id) if provider.id in _PROVIDERS else len(_PROVIDERS)


def _price(model: Any) -> tuple[float, float] | None:
    """Return today's base price of a listed model: the first tier where prices step with length."""
    from datetime import UTC, datetime

    prices = model.get_prices(datetime.now(tz=UTC))
    pair = [getattr(value, "base", value) for value in (prices.input_mtok, prices.output_mtok)]
    if pair[0] is None or pair[1] is None:
        return None
    return float(pair[0]), float(pair[1])


def _providers() -> list[Any]:
    from genai_prices.data_snapshot import get_snapshot

    return list(get_snapshot().providers)


@cache
def _version() -> str:
    from importlib.metadata import version

    return version("genai-prices")


@cache
def _list_date() -> str:
    """Return the day of the newest price change that the installed list knows; "" if it has none.

    The package doesn't say when it was made. This day depends on its version alone, not on when it was installed.
    """
    from datetime import UTC, datetime

    today = datetime.now(tz=UTC).date()
    changes = [price.constraint for p in _providers() for m in p.models if isinstance(m.prices, list) for price in m.prices]
    days = [day for each in changes if (day := getattr(each, "start_date", None)) is not None and day <= today]
    return max(days).isoformat() if days else ""
