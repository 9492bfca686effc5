"""Words of the published benchmarks on the Data page."""

TITLE = "Published benchmarks"
INTRO = (
    "Recorded by others, fetched from where they published it into your own data folder. Nothing is fetched before you press; what "
    "arrives is checked against the published checksum, read like an upload, and kept as a set of yours."
)
SIZED = "{queries:,} queries × {models:,} models"
COUNTED = "As published: {counted}."
NOT_STATED = "not stated"
LICENCE = "Licence: {licence}"
PAPER = "[arXiv {paper}](https://arxiv.org/abs/{paper})"
PAGE = "[{site}/{repository}]({page})"
PINNED = "pinned at {commit}"
NEWEST = "not pinned: the newest is fetched, and its commit is recorded"
FETCH = "Fetch"
FETCH_HELP = "{size} from {site} into your own data folder on this machine."
GO_ON = "Go on"
GO_ON_HELP = "{size} are here already."
FETCH_ANYWAY = "Fetch {size}"
VERSION_ANYWAY = "Read it anyway"
VERSION_HELP = "Makes a set of the files as they are; its card says that they are another version than the published one."
AGAIN = "Try again"
STOP = "Stop"
STOPPING = "Stopping"
OPEN = "Open"
CLEAR = "Delete {size}"
CLEAR_HELP = "Delete the downloaded files. A set that was made of them stays; fetching again downloads them again."
HERE = ":green[:material/check_circle:] Here as **{title}**, {commit}."
COMMIT, UNKNOWN_COMMIT, ANOTHER_VERSION = "commit {commit}", "put here by hand", "another version than published, put here by hand"
NOTED = "To know of it: {notes}"
KIND = "published"
FROM = "From {page}, {commit}{changed}."
CHANGED = "; changed here since"
LEFT_OUT = "{n:,} rows with problems were left out."
FAILED = "This did not work"
PHASES = {
    "asking": "Asking {site}",
    "downloading": "Downloading {done} of {total}",
    "checking": "Checking {done} of {total}",
    "reading": "Reading: {words}",
    "keeping": "Keeping the set",
}
WAITING = "Starting"
