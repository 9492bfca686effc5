"""mini-swe-agent trajectories: one document a task, with the messages of its agent and, in newer ones, its model and cost."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from data.readers.calls import CALL, Calls
from data.readers.chat import added, asked, moments, reply, said, seconds, stamp, tokens
from data.readers.formats.base import Document, Row, dig, first

_MARKS = ("COMPLETE_TASK_AND_SUBMIT_FINAL_OUTPUT", "MINI_SWE_AGENT_FINAL_OUTPUT", "mswea_bash_command")


class MiniSweAgent(Calls):
    """Source: github.com/SWE-agent/mini-swe-agent, `minisweagent/agents/default.py` and docs/usage/output_files.md."""

    id = "mini_swe_agent"
    title = "mini-swe-agent trajectory"
    about = (
        "Recorded by mini-swe-agent: one trajectory is one query, all its calls together. Cost is that of the whole trajectory (0 means "
        "that it wasn't tracked, so it is left unknown), latency the time from the first to the last message. A submission doesn't say "
        "whether the tests pass: join results by instance id. A bare list of messages names no model and no cost."
    )

    def knows(self, document: Document) -> bool:
        """Whether there are chat messages beside the model's statistics, or a list of messages with the agent's own commands."""
        value = first(document)
        if "messages" in value:
            return "model_stats" in value["info"] and {"role", "content"} <= set(value["messages"][0])
        told = " ".join(said(message) for message in document.value[:2])
        return {"role", "content"} <= set(value) and not document.lines and any(mark in told for mark in _MARKS)

    def records(self, document: Document) -> Sequence[Any]:
        """Return the trajectories."""
        return [{"messages": document.value}] if "role" in first(document) else super().records(document)

    def rows(self, record: Any, document: Document) -> Iterator[Row]:  # noqa: ARG002
        """Yield the row of a trajectory."""
        messages, info = record["messages"], record.get("info") or {}
        turns = [message for message in messages if message.get("role") == "assistant"]
        task = next(message for message in messages if message["role"] == "user")
        start, end = moments([dig(message, name) for message in messages for name in ("timestamp", "extra.timestamp")])
        name, model = record.get("instance_id") or info.get("instance_id"), dig(info, "config.model.model_name") or "(not named)"
        yield {
            "query_id": name,
            CALL: f"{name} {model} {start}" if name and start else None,
            **asked([task], [message for message in messages if message["role"] == "system"]),
            "model": model,
            "timestamp": stamp(start),
            "response": info.get("submission") or reply(turns[-1:]),
            "exit_status": info.get("exit_status"),
            "calls": dig(info, "model_stats.api_calls") or len(turns),
            "cost_usd": dig(info, "model_stats.instance_cost") or None,
            "latency_s": seconds(start, end) or None,
            **added(tokens(dig(turn, "extra.response.usage") or turn.get("usage")) for turn in turns),
        }
