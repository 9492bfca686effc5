"""Where a model answers: address, model id, price; and the keys, which are kept apart and in memory only."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from types import MappingProxyType
from typing import Any, NoReturn
from urllib.parse import parse_qsl, urlsplit

from data.models import ModelCard
from data.problems import EndpointAuthError, refuse

IN_PROCESS = "ladder.invalid"  # the host of the models in `data.ladder`, which `data.live.call` asks without a network
_SECRET = ("key", "token", "secret", "password", "authorization")
_NOT_SECRET = frozenset({"max_tokens", "max_completion_tokens", "logit_bias"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One model behind an OpenAI-compatible address; holds no key, so it can be shown, stored and sent around.

    base_url : up to and including the version, `https://api.example.com/v1`. key_env : the environment variable with the key,
    None = typed into a `KeyRing`, or none needed. card : prices in USD, see ModelCard; unknown stays unknown.
    timeout_s : for one try, in seconds. extra : further fields of the request (`stop`, `top_p` ...).
    """

    name: str
    base_url: str
    model_id: str
    key_env: str | None = None
    card: ModelCard = field(default_factory=lambda: ModelCard(name=""))
    temperature: float = 0.0
    max_tokens: int = 256
    timeout_s: float = 60.0
    max_concurrency: int = 4
    extra: Mapping[str, Any] = field(default_factory=dict, hash=False)

    def __post_init__(self) -> None:
        _check(self)
        object.__setattr__(self, "base_url", self.base_url.rstrip("/"))
        object.__setattr__(self, "extra", MappingProxyType(dict(self.extra)))
        if self.card.name != self.name:
            values = {f.name: getattr(self.card, f.name) for f in fields(ModelCard)}
            object.__setattr__(self, "card", ModelCard(**{**values, "name": self.name}))

    @property
    def origin(self) -> str:
        """Scheme, host and port: what a key belongs to."""
        return origin_of(self.base_url)

    @property
    def local(self) -> bool:
        """Whether the address is this machine, or this very process."""
        return self.in_process or (urlsplit(self.base_url).hostname or "") in {"localhost", "127.0.0.1", "::1"}

    @property
    def in_process(self) -> bool:
        """Whether the model runs in this process (`data.ladder`): no address on any network, no key."""
        return urlsplit(self.base_url).hostname == IN_PROCESS

    def to_json(self) -> dict[str, Any]:
        """Return the endpoint as plain JSON values, without any key."""
        values = {f.name: getattr(self, f.name) for f in fields(self) if f.name not in {"card", "extra"}}
        return {**values, "card": self.card.to_json(), "extra": dict(self.extra)}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Endpoint:
        """Return an endpoint from `to_json`'s values; raises ProblemError for unknown fields."""
        known = {f.name for f in fields(cls)}
        strange = sorted(set(values) - known)
        if strange:
            raise refuse(f"an endpoint has the unknown field {strange[0]!r}.", f"Known fields: {', '.join(sorted(known))}.")
        return cls(**{**values, "card": ModelCard.from_json(values.get("card", {"name": values.get("name", "")}))})


def _check(endpoint: Endpoint) -> None:
    parts = urlsplit(endpoint.base_url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise refuse("the base URL is no http or https address.", "Write it like https://api.example.com/v1.", column="base_url")
    if parts.username or parts.password or any(_secret(name) for name, _ in parse_qsl(parts.query)):
        raise refuse(
            "the base URL holds a key or a password.", "Type the key in its own field; it is kept in memory only.", column="base_url"
        )
    if any(_secret(name) for name in endpoint.extra):
        raise refuse("an extra field looks like a key.", "Type the key in its own field; it is kept in memory only.", column="extra")
    for name, value in (("name", endpoint.name), ("model_id", endpoint.model_id)):
        if not value.strip():
            raise refuse(f"the endpoint has no {name}.", "Fill it in.", column=name)
    if endpoint.max_tokens < 1 or endpoint.max_concurrency < 1 or not 0 < endpoint.timeout_s < math.inf:
        raise refuse(f"{endpoint.name}: max_tokens, max_concurrency and timeout_s have to be positive.", "Type a number above zero.")


def _secret(name: str) -> bool:
    return name.lower() not in _NOT_SECRET and any(
        word in name.lower().replace("-", "_").split("_") or word in name.lower() for word in _SECRET
    )


def origin_of(url: str) -> str:
    """Return scheme, host and port of an address, the port written out."""
    parts = urlsplit(url)
    port = parts.port or {"http": 80, "https": 443}.get(parts.scheme, 0)
    return f"{parts.scheme}://{(parts.hostname or '').lower()}:{port}"


class KeyRing:
    """Typed keys, in memory only: never shown, never stored, and only for the address that they were typed for."""

    def __init__(self) -> None:
        self._keys: dict[tuple[str, str], str] = {}

    def put(self, endpoint: Endpoint, key: str) -> None:
        """Keep a key for this endpoint at its present address; an empty key forgets it."""
        place = (endpoint.name, endpoint.origin)
        self._keys.pop(place, None)
        if key.strip():
            self._keys[place] = key.strip()

    def key_for(self, endpoint: Endpoint) -> str:
        """Return the key to send, or an empty string where none is needed.

        Raises EndpointAuthError where the endpoint names an environment variable that is not set.
        """
        typed = self._keys.get((endpoint.name, endpoint.origin))
        if typed or endpoint.key_env is None:
            return typed or ""
        key = os.environ.get(endpoint.key_env, "").strip()
        if not key:
            raise EndpointAuthError(
                f"{endpoint.name}: the environment variable {endpoint.key_env} is not set. "
                "Set it before the app starts, or type the key: it is kept in memory only."
            )
        return key

    def has(self, endpoint: Endpoint) -> bool:
        """Whether a call would find a key, typed or in the environment."""
        return (endpoint.name, endpoint.origin) in self._keys or bool(endpoint.key_env and os.environ.get(endpoint.key_env))

    def clear(self) -> None:
        """Forget all typed keys."""
        self._keys.clear()

    def __len__(self) -> int:
        return len(self._keys)

    def __repr__(self) -> str:
        return f"KeyRing({len(self)} typed)"

    def __reduce__(self) -> NoReturn:
        msg = "a KeyRing is kept in memory only"
        raise TypeError(msg)
