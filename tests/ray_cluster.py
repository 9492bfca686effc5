"""A Ray cluster of two nodes on this computer, in a process of its own: its settings and warnings stay out of the tests.

Says its address and the process id of the node that can be killed; a line "kill" kills it, the end of standard input ends the cluster.
"""

from __future__ import annotations

import os
import sys

# Everything on 127.0.0.1: by default a node takes the computer's outward address, and waits for minutes where that is closed.
os.environ |= {"RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0", "RAY_USAGE_STATS_ENABLED": "0"}
STORE_BYTES = 80_000_000


def main() -> None:
    """Serve until standard input ends."""
    from ray.cluster_utils import Cluster

    each = {"num_cpus": 1, "object_store_memory": STORE_BYTES}
    quiet = {"include_dashboard": False, "include_log_monitor": False, "no_monitor": True}  # what would take half a second each
    cluster = Cluster(initialize_head=True, head_node_args={**each, **quiet})
    victim = cluster.add_node(**each)
    print(cluster.address, victim.all_processes["raylet"][0].process.pid, flush=True)
    for line in sys.stdin:
        if line.strip() == "kill":
            cluster.remove_node(victim, allow_graceful=False)
            print("killed", flush=True)
    cluster.shutdown()


if __name__ == "__main__":
    main()
