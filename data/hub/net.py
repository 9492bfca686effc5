"""The connection: one client, and what its failures are called, each with the way out: by hand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self

from data.hub import shelf
from data.hub.base import Source
from data.problems import Problem, ProblemError, listed

if TYPE_CHECKING:
    import httpx2

AGENT, VERSION = "routescope", "0.1"
TIMEOUT_S = 30.0
_UPLOAD_MOST = 200 * 2**20


def client() -> httpx2.Client:
    """Return a client that follows redirects, as the hub sends large files from another address."""
    import httpx2

    return httpx2.Client(follow_redirects=True, timeout=TIMEOUT_S, headers={"User-Agent": f"{AGENT}/{VERSION}"})


def way_out(source: Source) -> str:
    """Return how to get the files of a source without this program reaching their home."""
    files = listed([name.rpartition("/")[2] for name in source.names], 4)
    them = "it" if len(source.names) == 1 and not source.files[0].pattern else "them"
    also = f", or add {them} under Add your own outcomes" if source.unpack is None and source.bytes <= _UPLOAD_MOST else ""
    return f"By hand: download {files} from {source.page}, put {them} into {shelf.by_hand(source)} and fetch again{also}."


def offline(source: Source, why: str) -> ProblemError:
    """Return the refusal without a connection."""
    what = f"{source.site} can't be reached ({why})."
    return ProblemError(Problem(what=what, fix=f"Connect to the internet and try again. {way_out(source)}"))


def unreachable(source: Source, error: Exception) -> ProblemError:
    """Return the refusal for what the client raised."""
    kinds = {"Timeout": "no answer in time", "Connect": "no connection", "Proxy": "the proxy refuses"}
    name = type(error).__name__
    why = next((words for part, words in kinds.items() if part in name), name)
    return offline(source, why)


class Refused(ProblemError):  # noqa: N818 # it is a refusal, and says so
    """The home answered, with a status that says no. status : its number. wait_s : when to try again, None = it doesn't say."""

    def __init__(self, problem: Problem, status: int, wait_s: float | None) -> None:
        super().__init__(problem)
        self.status, self.wait_s = status, wait_s

    @property
    def passing(self) -> bool:
        """Whether another try may be answered."""
        return self.status in {408, 425, 429} or self.status >= 500

    @classmethod
    def of(cls, source: Source, answer: Any) -> Self:
        """Return the refusal of an answer of the home."""
        status, wait_s = int(answer.status_code), _wait(answer.headers)
        what, fix = _words(source, status, answer.headers, wait_s)
        return cls(Problem(what=what, fix=f"{fix} {way_out(source)}"), status, wait_s)


def _words(source: Source, status: int, headers: Mapping[str, str], wait_s: float | None) -> tuple[str, str]:
    page = source.page.partition("/tree/")[0]
    if status == 429 or (status == 403 and headers.get("x-ratelimit-remaining") == "0"):
        when = f"in {wait_s / 60:.0f} minutes" if wait_s and wait_s > 90 else f"in {wait_s:.0f} seconds" if wait_s else "later"
        return f"{source.site} has been asked too often ({status}).", f"Try again {when}."
    if status in {401, 403}:
        token = "log in with `hf auth login` or set HF_TOKEN" if source.home == "hub" else "look whether it is public"
        return (
            f"{source.site} gives {source.repository} only to those who may, or has it no more ({status}).",
            f"Accept its terms at {page} and {token}.",
        )
    if status in {404, 410}:
        return f"{source.repository} or a file of it is not there any more at {source.ref[:10]} ({status}).", "It may have moved."
    if status >= 500:
        return f"{source.site} has trouble of its own ({status}).", "Try again later."
    return f"{source.site} refuses ({status}).", "Try again later."


def _wait(headers: Mapping[str, str]) -> float | None:
    """Return the seconds after which to try again; a date, which HTTP allows too, is as good as nothing."""
    try:
        return max(0.0, float(headers.get("retry-after", "")))
    except ValueError:
        return None
