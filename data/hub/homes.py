"""What the home of a benchmark says before anything is downloaded: the commit, and each file's address, size and checksum.

The Hugging Face hub is asked through `huggingface_hub` (HF_ENDPOINT names another address of it), GitHub by two documented addresses
of its interface: https://docs.github.com/rest/commits/commits and https://docs.github.com/rest/git/trees.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from data.hub.base import Source, Wanted
from data.hub.net import AGENT, TIMEOUT_S, VERSION, Refused, offline, unreachable
from data.problems import refuse

if TYPE_CHECKING:
    import httpx2

HUB_VARIABLE, API_VARIABLE, RAW_VARIABLE = "HF_ENDPOINT", "ROUTESCOPE_GITHUB_API", "ROUTESCOPE_GITHUB_RAW"
_HUB, _API, _RAW = "https://huggingface.co", "https://api.github.com", "https://raw.githubusercontent.com"


@dataclass(frozen=True, slots=True, kw_only=True)
class Remote:
    """One file at its home. sha256, git_sha1 : of its bytes, and of its git blob; "" = the home doesn't say it."""

    path: str
    url: str
    bytes: int | None = None
    sha256: str = ""
    git_sha1: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """The files that a source wants, at one commit. licence : what the home itself says, "" = nothing. headers : to be sent along."""

    commit: str
    files: tuple[Remote, ...]
    licence: str = ""
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def bytes(self) -> int:
        """Return the bytes of all files whose size is known."""
        return sum(file.bytes or 0 for file in self.files)


def listing(source: Source, client: httpx2.Client) -> Listing:
    """Return what the home says of a source's files.

    Raises ProblemError without a connection, for a repository, revision or file that is not there, and where the home refuses.
    """
    return _of_hub(source) if source.home == "hub" else _of_github(source, client)


def _of_hub(source: Source) -> Listing:
    # Else its client asks for more than we do: a list of programs, to look in the environment for what else runs here.
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    import httpx2
    from huggingface_hub import HfApi, get_token
    from huggingface_hub.errors import HfHubHTTPError, OfflineModeIsEnabled

    endpoint = (os.environ.get(HUB_VARIABLE) or _HUB).rstrip("/")
    try:
        api = HfApi(endpoint=endpoint, library_name=AGENT, library_version=VERSION)
        info = api.dataset_info(source.repository, revision=source.ref, files_metadata=True, timeout=TIMEOUT_S)
    except OfflineModeIsEnabled:
        raise offline(source, "HF_HUB_OFFLINE is set") from None
    except HfHubHTTPError as error:
        raise Refused.of(source, error.response) from None
    except httpx2.HTTPError as error:
        raise unreachable(source, error) from None
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise _not_understood(source, error) from None
    address = f"{endpoint}/datasets/{source.repository}/resolve/{info.sha}"
    there = [
        Remote(
            path=each.rfilename,
            url=f"{address}/{quote(each.rfilename)}",
            bytes=each.size,
            sha256=(each.lfs.sha256 if each.lfs is not None else "") or "",
            git_sha1="" if each.lfs is not None else each.blob_id or "",  # of a large file the blob is a pointer to it
        )
        for each in info.siblings or ()
    ]
    card: Any = info.card_data
    licence = (card.get("license") if card is not None else None) or ""
    said = ", ".join(str(each) for each in licence) if isinstance(licence, (list, tuple)) else str(licence)
    token = get_token()  # of somebody who logged in, for what needs it; the client sends it to no other address
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return Listing(commit=_commit(source, info.sha), files=_chosen(source, there), licence=said, headers=headers)


def _of_github(source: Source, client: httpx2.Client) -> Listing:
    api, raw = ((os.environ.get(name) or default).rstrip("/") for name, default in ((API_VARIABLE, _API), (RAW_VARIABLE, _RAW)))
    try:
        commit = source.revision or str(_asked(source, client, f"{api}/repos/{source.repository}/commits/{source.ref}")["sha"])
        tree = _asked(source, client, f"{api}/repos/{source.repository}/git/trees/{commit}?recursive=1")
        address = f"{raw}/{source.repository}/{_commit(source, commit)}"
        there = [
            Remote(path=each["path"], url=f"{address}/{quote(each['path'])}", bytes=each.get("size"), git_sha1=each["sha"])
            for each in tree["tree"]
            if each["type"] == "blob"
        ]
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise _not_understood(source, error) from None
    except Refused:
        if not (source.exact and source.revision and all(wanted.sha256 for wanted in source.files)):
            raise
        # Sixty questions an hour are free, the files themselves are not counted: what is declared is enough to fetch and check them.
        address = f"{raw}/{source.repository}/{source.revision}"
        declared = [Remote(path=w.path, url=f"{address}/{quote(w.path)}", bytes=w.bytes, sha256=w.sha256) for w in source.files]
        return Listing(commit=source.revision, files=tuple(declared))
    return Listing(commit=commit, files=_chosen(source, there))


def _asked(source: Source, client: httpx2.Client, url: str) -> Mapping[str, Any]:
    import httpx2

    try:
        answer = client.get(url, headers={"Accept": "application/vnd.github+json"})
    except httpx2.HTTPError as error:
        raise unreachable(source, error) from None
    if answer.status_code != httpx2.codes.OK:
        raise Refused.of(source, answer)
    found = answer.json()
    if not isinstance(found, dict):
        raise TypeError
    return found


def _chosen(source: Source, there: Sequence[Remote]) -> tuple[Remote, ...]:
    """Return the wanted files among those of the repository, with the checksum that was declared where the home says none."""
    found: list[Remote] = []
    for wanted in source.files:
        matched = [each for each in there if wanted.takes(each.path)]
        if not matched:
            what = f"{source.repository} has no file {wanted.path!r} at {source.ref} any more."
            raise refuse(what, f"Look at {source.page}; it may have been renamed.")
        found += [_with_declared(source, each, wanted) for each in matched]
    return tuple(found)


def _with_declared(source: Source, file: Remote, wanted: Wanted) -> Remote:
    differs = file.sha256 and wanted.sha256 and file.sha256 != wanted.sha256
    if differs or (wanted.bytes is not None and file.bytes is not None and file.bytes != wanted.bytes):
        what = f"{source.site} says another size or checksum of {wanted.path} than was published at this revision."
        raise refuse(what, "It is not fetched; look at the page of the benchmark, and tell the authors of this program.")
    return Remote(
        path=file.path,
        url=file.url,
        bytes=wanted.bytes if file.bytes is None else file.bytes,
        sha256=wanted.sha256 or file.sha256,
        git_sha1=file.git_sha1,
    )


def _commit(source: Source, value: Any) -> str:
    if not isinstance(value, str):
        raise _not_understood(source, TypeError("no commit"))
    return value


def _not_understood(source: Source, error: Exception) -> Exception:
    what = f"{source.site} answered something that is not understood ({type(error).__name__})."
    return refuse(what, f"Try again; or fetch the files by hand from {source.page}.")
