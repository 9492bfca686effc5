"""Scene <-> bytes: one JSON header and one run of float32, so that the browser reads typed arrays without parsing numbers.

Layout: uint32 little-endian length of the header in bytes (padded with spaces to a multiple of 4), the header in UTF-8, then
float32 little-endian. In the header an array is {"@": [first float, rows or 0 for one row, columns]}, an unknown number null.
"""

from __future__ import annotations

import json
import math
from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dashboard.components.plane.scene import (
    UNKNOWN,
    Axis,
    Bands,
    Dot,
    KnobCurve,
    Nudge,
    Scene,
    Strategy,
    check,
    envelope,
    label_order,
)
from data.problems import refuse


def pack(scene: Scene, mount: str = "") -> bytes:
    """Return the scene for the browser, with what it should not have to derive: the envelope and which dots get a label.

    mount : the name under which the nudge of the same stage finds it. Same scene, same bytes.
    """
    blocks: list[NDArray[np.float32]] = []
    hull_x, hull_y = envelope(check(scene))
    extra = {"mount": mount, "hull_x": hull_x, "hull_y": hull_y, "labels": list(label_order(scene))}
    header = json.dumps(_plain({"scene": _shallow(scene), **extra}, blocks), ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    text = header.encode()
    text += b" " * (-len(text) % 4)
    body = np.concatenate([block.ravel() for block in blocks]).astype("<f4") if blocks else np.zeros(0, "<f4")
    return len(text).to_bytes(4, "little") + text + body.tobytes()


def unpack(packed: bytes) -> Scene:
    """Return the scene in bytes that `pack` made; ProblemError if they are cut."""
    size = int.from_bytes(packed[:4], "little")
    if len(packed) < 4 + size or (len(packed) - size) % 4:
        raise refuse("a packed scene ends too early.", "Pack it again.")
    plain = json.loads(packed[4 : 4 + size])["scene"]
    floats = np.frombuffer(packed, "<f4", offset=4 + size)
    return _scene(_arrays(plain, floats))


def plain_nudge(nudge: Nudge, mount: str) -> dict[str, Any]:
    """Return the nudge as JSON values for the small mount; unknown numbers are null."""
    plain: dict[str, Any] = _plain(_shallow(nudge), [])
    return {"mount": mount, **plain}


def _shallow(value: Any) -> dict[str, Any]:
    return {f.name: getattr(value, f.name) for f in fields(value)}


def _plain(value: Any, blocks: list[NDArray[np.float32]]) -> Any:
    """Return JSON values; arrays are appended to blocks and referred to."""
    if isinstance(value, np.ndarray):
        first = sum(block.size for block in blocks)
        blocks.append(np.asarray(value, dtype=np.float32))
        rows, columns = (0, len(value)) if value.ndim == 1 else value.shape
        return {"@": [first, rows, columns]}
    if is_dataclass(value):
        return {name: _plain(part, blocks) for name, part in _shallow(value).items()}
    if isinstance(value, dict) or hasattr(value, "items"):
        return {str(name): _plain(part, blocks) for name, part in value.items()}
    if isinstance(value, (tuple, list)):
        return [_plain(part, blocks) for part in value]
    if isinstance(value, (float, np.floating)):
        return float(value) if math.isfinite(value) else None
    return value.item() if isinstance(value, np.generic) else value


def _arrays(value: Any, floats: NDArray[np.float32]) -> Any:
    """Return the JSON values with references replaced by read-only arrays."""
    if isinstance(value, dict):
        if set(value) == {"@"}:
            first, rows, columns = value["@"]
            flat = floats[first : first + max(rows, 1) * columns] if rows or columns else floats[:0]
            return flat.reshape(rows, columns) if rows else flat
        return {name: _arrays(part, floats) for name, part in value.items()}
    return [_arrays(part, floats) for part in value] if isinstance(value, list) else value


def _dot(plain: dict[str, Any]) -> Dot:
    numbers = ("x", "y", "x_low", "x_high", "y_low", "y_high", "rank")
    values: dict[str, Any] = {name: UNKNOWN if part is None and name in numbers else part for name, part in plain.items()}
    return Dot(**values)


def _curve(plain: dict[str, Any]) -> KnobCurve:
    bands = plain["bands"]
    value = UNKNOWN if plain["value"] is None else plain["value"]
    return KnobCurve(**{**plain, "value": value, "bands": None if bands is None else Bands(**bands)})


def _strategy(plain: dict[str, Any]) -> Strategy:
    point = plain["point_only"]
    return Strategy(
        **{
            **plain,
            "flow": tuple(plain["flow"]),
            "curves": tuple(_curve(curve) for curve in plain["curves"]),
            "point_only": None if point is None else _dot(point),
        }
    )


def _scene(plain: dict[str, Any]) -> Scene:
    return Scene(
        **{
            **plain,
            "axis": Axis(**plain["axis"]),
            "dots": tuple(_dot(dot) for dot in plain["dots"]),
            "strategies": tuple(_strategy(strategy) for strategy in plain["strategies"]),
            "strongest_x": UNKNOWN if plain["strongest_x"] is None else plain["strongest_x"],
        }
    )
