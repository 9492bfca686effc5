"""Words of where heavy work runs."""

WHERE = "Where heavy work runs: {place}"
HERE_ONE, HERE = "this computer, 1 process", "this computer, {n} processes"
THERE = "Ray cluster at {address}"
THERE_AUTO = "the Ray cluster that this computer is part of"
INTRO = (
    "Comparing strategies runs in processes beside the app or on a Ray cluster, where the Lab’s diagram is measured too. The figures "
    "are the same, to the bit."
)
ADDRESS = "Address of a Ray cluster"
ADDRESS_EMPTY = "empty: this computer"
ADDRESS_HELP = (
    "“host:port” of its head, or “auto” on a computer that is one of its nodes. Empty: this computer. Your data goes there, and figures "
    "come back from there, so give one that you trust."
)
WORKERS = "Processes on this computer"
WORKERS_HELP = "0: as many as suit it ({n}). Each needs memory for what it fits. A cluster has its own."
CHECK, USE, BACK = "Check", "Use", "Back to this computer"
CHECKING = "Asking {address}"
SEEN = "{address} answers: {nodes}, {cpus}."
NODES, CPUS = ("1 node", "{n} nodes"), ("1 CPU", "{n} CPUs")
SEEN_HERE = "This computer: {cpus}, of which {n} would work."
FIXED = "The environment variable {name} decides, so it can’t be changed here."
TITLE_JOB = "Asking a Ray cluster"

COMPARE_HELP = "{n} strategies, each fitted and swept over its whole frontier, on {place}."
ON, AGAIN = " on {nodes}", " · {n} begun again"
RAN = "Measured on a Ray cluster of {nodes}."
RAN_AGAIN = " {n} strategies were begun again because a worker or a node was lost; no figure depends on it."
RAN_AGAIN_ONE = " One strategy was begun again because a worker or a node was lost; no figure depends on it."
