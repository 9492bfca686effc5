"""Exceptions of the `openai` package, said in this project's words."""

from __future__ import annotations

from data.live.endpoints import Endpoint
from data.problems import (
    EndpointAnswerError,
    EndpointAuthError,
    EndpointBusyError,
    EndpointError,
    EndpointNotFoundError,
    EndpointTimeoutError,
)

SHOWN = 200


def mapped(error: Exception, endpoint: Endpoint, key: str = "") -> EndpointError:
    """Return the EndpointError that says what `error` of the openai package means, where it happened, and what to do.

    key : is taken out of what the endpoint says, should it repeat it.
    """
    import openai

    where = f"{endpoint.name} ({endpoint.base_url})"
    if isinstance(error, openai.APITimeoutError):
        return EndpointTimeoutError(f"{where} gave no answer within {endpoint.timeout_s:g} s. Try again, or allow more time.")
    if isinstance(error, openai.APIStatusError):
        return _of_status(error.status_code, reason(error, key), where, endpoint)
    if isinstance(error, (openai.APIResponseValidationError, ValueError)):
        return EndpointAnswerError(f"{where} sent an answer that is not in the OpenAI format. Check that the address ends in /v1.")
    if isinstance(error, openai.APIConnectionError):
        return EndpointTimeoutError(f"{where} cannot be reached. Check the address, and that the server is running.")
    return EndpointAnswerError(f"{where} could not be asked: {type(error).__name__}. Check the address and the model id.")


def _of_status(status: int, said: str, where: str, endpoint: Endpoint) -> EndpointError:
    if status in {401, 403}:
        return EndpointAuthError(f"{where} refused the key ({status}). Check the key and that it may use {endpoint.model_id}.{said}")
    if status == 404:
        return EndpointNotFoundError(
            f"{where} knows no such address or model {endpoint.model_id!r} (404). Check the model id; most addresses end in /v1.{said}"
        )
    if status == 429:
        return EndpointBusyError(f"{where} asks for fewer calls (429). Lower the number of calls at once, or check the credit.{said}")
    if status in {408, 409, 425} or status >= 500:
        return EndpointBusyError(f"{where} has trouble of its own ({status}). Try again later.{said}")
    if 300 <= status < 400:
        return EndpointAnswerError(
            f"{where} points to another address ({status}), which is not followed with a key. Enter the final address."
        )
    return EndpointAnswerError(f"{where} refused the request ({status}). Check the model id and the extra fields.{said}")


def reason(error: Exception, key: str = "") -> str:
    """Return what the endpoint itself said, shortened, as ` It says: ...`, or an empty string."""
    body = getattr(error, "body", None)
    text = body.get("message") if isinstance(body, dict) else None
    said = " ".join(str(text or "").split())
    said = (said.replace(key, "[key]") if key else said)[:SHOWN]
    return f" It says: {said}" if said else ""


def retry_after_s(error: BaseException) -> float | None:
    """Return how many seconds the endpoint asks to wait, or None."""
    headers = getattr(getattr(error, "response", None), "headers", {})
    for name, factor in (("retry-after-ms", 1e-3), ("retry-after", 1.0)):
        try:
            return max(0.0, float(headers[name]) * factor)
        except (KeyError, ValueError):
            continue
    return None
