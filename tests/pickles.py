"""Pickles for tests: a table as pandas 1.3 to 2 wrote it with NumPy 1 (RouterBench's own shape), one as pandas 0.25 did, hostile ones."""

from __future__ import annotations

import io
import os
import pickle
import struct
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from data.readers import pickled


def frame(rows: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """Return rows as a DataFrame whose texts are plain objects, as all were before pandas 3."""
    names = list(rows[0])
    columns = {}
    for name in names:
        values = [row[name] for row in rows]
        text = any(isinstance(value, str) for value in values)
        columns[name] = pd.Series(values, dtype=object if text else None)
    made = pd.DataFrame(columns)
    made.columns = pd.Index(names, dtype=object)
    return made


def published(rows: Sequence[Mapping[str, Any]], protocol: int = 5) -> bytes:
    """Return rows pickled with the names that older pandas and NumPy wrote."""
    out = io.BytesIO()
    _Old(out, protocol).dump(frame(rows))
    return out.getvalue()


class _Old(pickle._Pickler):  # the pure-Python one lets the names of modules be changed
    """Writes `numpy.core` and the modules of pandas instead of today's public names."""

    def save_global(self, obj: Any, name: str | None = None) -> None:
        """Write a name as it was called then."""
        module = getattr(obj, "__module__", "") or ""
        word = name or getattr(obj, "__qualname__", getattr(obj, "__name__", ""))
        old = {"DataFrame": "pandas.core.frame", "Index": "pandas.core.indexes.base", "RangeIndex": "pandas.core.indexes.range"}
        module = old.get(word, module) if module == "pandas" else module.replace("numpy._core", "numpy.core")
        if self.proto >= 4:
            self.save(module)
            self.save(word)
            self.write(pickle.STACK_GLOBAL)
        else:
            self.write(pickle.GLOBAL + f"{module}\n{word}\n".encode())
        self.memoize(obj)

    dispatch: ClassVar[dict[type, Any]] = {**pickle._Pickler.dispatch, type: save_global, type(len): save_global, type(frame): save_global}


class _Manager:
    """What pandas 0.25 to 1.2 wrote for a BlockManager: no arguments, and a state."""

    def __init__(self, made: pd.DataFrame) -> None:
        self.made = made

    def state(self) -> tuple[Any, ...]:
        """Return (axes, values, items, the form of version 0.14.1)."""
        texts = [i for i, kind in enumerate(self.made.dtypes) if kind.kind == "O"]
        numbers = [i for i in range(len(self.made.columns)) if i not in texts]
        parts = [
            (np.array([list(self.made.iloc[:, i]) for i in at], dtype=kind), np.array(at))
            for at, kind in ((texts, object), (numbers, float))
        ]
        axes = [self.made.columns, self.made.index]
        blocks = [{"values": values, "mgr_locs": at} for values, at in parts if len(at)]
        return axes, [], [], {"0.14.1": {"axes": axes, "blocks": blocks}}


def oldest(rows: Sequence[Mapping[str, Any]]) -> bytes:
    """Return rows in the form that pandas 0.25 to 1.2 wrote."""
    manager = type("BlockManager", (), {"__module__": "pandas.core.internals.managers"})
    table = type("DataFrame", (), {"__module__": "pandas.core.frame"})
    inner, whole = manager(), table()
    state = _Manager(frame(rows)).state()
    manager.__reduce__ = lambda _self: (manager, (), state)
    table.__reduce__ = lambda _self: (table, (), {"_data": inner, "_typ": "dataframe"})
    out = io.BytesIO()
    _Old(out, 4).dump(whole)
    return out.getvalue()


class Call:
    """An object whose pickle calls something when it is opened."""

    def __init__(self, function: Any, *args: Any) -> None:
        self.function, self.args = function, args

    def __reduce__(self) -> tuple[Any, tuple[Any, ...]]:
        return self.function, self.args


class Table:
    """A DataFrame of whatever manager of blocks is given, as pandas would pickle it."""

    def __init__(self, manager: Any) -> None:
        self.manager = manager

    def __reduce__(self) -> tuple[Any, tuple[Any, ...], dict[str, Any]]:
        return pd.DataFrame, (), {"_mgr": self.manager}


def of_one_number(number: int, rows: int) -> bytes:
    """Return a table of one column whose every row names one whole number, which the pickle holds once."""
    mark = "(number)"
    data = pickle.dumps(frame([{"a": mark}] * rows), protocol=4)
    content = number.to_bytes(number.bit_length() // 8 + 1, "little", signed=True)
    return data.replace(b"\x8c\x08" + mark.encode(), b"\x8b" + struct.pack("<i", len(content)) + content)


def _raw(*parts: bytes) -> bytes:
    return b"\x80\x04" + b"".join(parts) + b"."


def _name(module: str, name: str) -> bytes:
    return b"".join(b"\x8c" + bytes([len(part)]) + part.encode() for part in (module, name)) + b"\x93"


def hostile(mark: str) -> dict[str, bytes]:
    """Return pickles that would write the file `mark`, or take the machine down, if they were opened."""
    write = f"__import__('pathlib').Path({mark!r}).write_text('run')"
    shell = f"echo run > {mark}"
    inside = frame([{"a": "x", "b": 1.0}])
    inside.iloc[0, 0] = Call(os.system, shell)
    return {
        "os.system": pickle.dumps(Call(os.system, shell)),
        "eval": pickle.dumps(Call(eval, write)),
        "exec in protocol 2": pickle.dumps(Call(exec, write), protocol=2),
        "getattr of a chain": pickle.dumps(Call(getattr, print, "__self__")),
        "a call in a cell": pickle.dumps(inside),
        "a call in the state": _raw(
            _name("pandas", "DataFrame"), b")\x81", b"}\x8c\x04_mgr", pickle.dumps(Call(os.system, shell))[2:-1], b"sb"
        ),
        "a method of an allowed class": _raw(_name("pandas.core.frame", "DataFrame.to_csv"), b"\x8c\x01x\x85R"),
        "an allowed module's other name": _raw(_name("numpy", "load"), b"\x8c\x01x\x85R"),
        "pandas' own eval": _raw(_name("pandas", "eval"), b"\x8c\x01x\x85R"),
        "a name with a newline": b"\x80\x02cposix\nsystem\nX\x02\x00\x00\x00ls\x85R.",
        "an instance by INST": b"\x80\x02(X\x02\x00\x00\x00lsiposix\nsystem\n.",
        "an instance by OBJ": b"\x80\x02(cposix\nsystem\nX\x02\x00\x00\x00lso.",
        "a persistent id": b"\x80\x04K\x01Q.",
        "an extension code": b"\x80\x02\x82\x01.",
        "keywords": _raw(_name("builtins", "slice"), b")}\x92"),
        "a memo of a billion places": b"\x80\x02K\x01r\xff\xff\xff\x3f.",
        "a text of an exabyte": b"\x80\x04\x8d" + struct.pack("<Q", 2**60) + b"x.",
        "a list within itself": b"\x80\x04]\x94h\x00a.",
        "billions of laughs": _raw(b"]\x94", *(b"]\x94(" + b"h" + bytes([i]) + b"h" + bytes([i]) + b"e" for i in range(60))),
        "millions of lists": _raw(b"]" * (pickled.OBJECTS_MOST + 10)),
        "a dict of a million keys": _raw(b"}(", *(b"\x8c\x06" + f"{i:06d}".encode() + b"N" for i in range(20_000)), b"u"),
        "a stack that is empty": _raw(b"R"),
        "no mark": _raw(b"K\x01t"),
        "cut": pickle.dumps(frame([{"a": "x"}]))[:-20],
    }  # fmt: skip
