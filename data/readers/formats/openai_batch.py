"""OpenAI batches: a file of requests and a file of results with a request a line, in any order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from data.problems import refuse
from data.readers.calls import CALL, EMBEDDED, FAILED, KEY, NOTE, WAITING, Calls
from data.readers.chat import asked, reply, shared, stamp, tokens
from data.readers.formats.base import FILE, Document, Row, dig, first, whole

_ASKED = "@asked"


class OpenAIBatch(Calls):
    """Source: platform.openai.com/docs/guides/batch; groq and others write the same lines."""

    id = "openai_batch"
    title = "OpenAI batch"
    about = (
        "Read from batch results: one request is one query, requests and results joined on custom_id whatever their order. Nothing says "
        "whether an answer is right, and no price is recorded. Latency is the provider's own time without the queue, where it is given. "
        "Of several choices each is a sample with its share of the output tokens. Failed requests count as not run."
    )
    by_id = True

    def knows(self, document: Document) -> bool:
        """Whether records have a custom_id beside a request or a response."""
        record = first(document)
        return "custom_id" in record and ({"url", "body"} <= set(record) or "error" in record or dig(record, "response.body") is not None)

    def rows(self, record: Any, document: Document) -> Iterator[Row]:
        """Yield what was asked, or the answers."""
        name = str(record["custom_id"])
        if "response" not in record and "error" not in record:
            sent = whole(record["body"], "the body of a request", document)
            question = asked(sent.get("messages") or sent.get("input"), sent.get("instructions"))
            yield {"query_id": name, _ASKED: str(sent["model"]), **question}
            return
        body = dig(record, "response.body") or {}
        row = {"query_id": name, "model": body.get("model"), "timestamp": stamp(body.get("created") or body.get("created_at"))}
        if record.get("error") or body.get("error") or dig(record, "response.status_code") not in (200, None):
            yield {**row, CALL: record.get("id"), NOTE: FAILED}
        elif dig(body, "data.0.embedding") is not None:
            yield {NOTE: EMBEDDED}
        else:
            answers = body["choices"] if "choices" in body else [{"message": {"content": reply(body["output"])}}]
            used = {**shared(tokens(body.get("usage")), len(answers)), "latency_s": dig(body, "usage.total_time")}
            call = record.get("id") or body.get("id")
            for i, answer in enumerate(answers):
                yield {**row, **used, "response": reply(answer), CALL: call and f"{call} {i}"}

    def together(self, rows: list[Row]) -> list[Row]:
        """Return the results with what was asked, and the requests without a result as calls that were not run."""
        sent: dict[str, list[Row]] = {}
        for row in rows:
            if _ASKED in row:
                sent.setdefault(row["query_id"], []).append(row)
        pairs = [(row, _request(row, sent)) for row in rows if _ASKED not in row]
        if not pairs:
            what, fix = "these are the requests of a batch, without answers.", "Choose the batch's output file as well."
            raise refuse(what, fix, file=rows[0][FILE] if rows else "")
        served = {request[_ASKED]: row["model"] for row, request in pairs if request and row.get("model")}
        met = {id(request) for _, request in pairs}
        pairs += [({NOTE: WAITING}, request) for each in sent.values() for request in each if id(request) not in met]
        wanted = [request.get(_ASKED, "") for _, request in pairs]
        models = [row.get("model") or served.get(name, name) for (row, _), name in zip(pairs, wanted, strict=True)]
        return super().together([{**request, **row, "model": model} for (row, request), model in zip(pairs, models, strict=True)])


def _request(row: Row, sent: Mapping[str, list[Row]]) -> Row:
    """Return the request that a result answers; raises ProblemError where its id stands for several and the model doesn't say which."""
    mine, model = sent.get(row.get("query_id", ""), []), str(row.get("model"))
    fitting = [each for each in mine if model.startswith(each[_ASKED])] or mine
    if len({each.get(KEY) for each in fitting}) > 1:
        what = f"custom_id {row['query_id']!r} stands for different requests to one model."
        raise refuse(what, "Read each batch by itself, or give each request an id of its own.", file=row[FILE])
    return fitting[0] if fitting else {}
