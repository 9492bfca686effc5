"""What a pickle says, without doing what it says: nothing in it is imported, called or built.

A pickle is a program: some of its instructions import a name and call it, which is how a stranger's file runs code. Here its
instructions are only read (`pickletools` takes them apart and runs none): a name stays a `Named`, a call a `Made` with its
arguments, and what is not on the short list that tables of pandas need ends the reading at once. `data.readers.frames` looks for a
table in what comes out. Source: the opcodes as documented in Python's Lib/pickletools.py.
"""

from __future__ import annotations

import pickletools
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from data.problems import ProblemError, refuse
from data.readers.base import LIMIT_BYTES
from data.readers.watch import step

PROTOCOLS = (b"\x02", b"\x03", b"\x04", b"\x05")
FIX = (
    "Opening one can run any code that somebody put into it: if you trust who made it, convert it yourself, "
    "`python -c \"import pandas; pandas.read_pickle('{file}').to_parquet('outcomes.parquet')\"`, and choose outcomes.parquet."
)
# What a table of pandas names, by the versions of pandas and NumPy that write it. None of it is imported: a name is a word here.
_PANDAS = {
    "pandas": ("DataFrame", "Index", "RangeIndex"),
    "pandas.core.frame": ("DataFrame",),
    "pandas.core.internals.managers": ("BlockManager",),
    "pandas.core.internals.blocks": ("new_block",),
    "pandas.core.internals": ("BlockManager",),
    "pandas._libs.internals": ("_unpickle_block",),
    "pandas.core.indexes.base": ("_new_Index", "Index"),
    "pandas.core.indexes.numeric": ("Int64Index",),
    "pandas.core.indexes.range": ("RangeIndex",),
}
_NUMPY = {"multiarray": ("_reconstruct", "scalar"), "numeric": ("_frombuffer",)}
_PLAIN = {"numpy": ("ndarray", "dtype"), "builtins": ("slice",), "__builtin__": ("slice",), "_codecs": ("encode",)}
KNOWN: Mapping[str, tuple[str, ...]] = {
    **_PANDAS, **_PLAIN, **{f"numpy.{core}.{part}": names for core in ("core", "_core") for part, names in _NUMPY.items()}
}  # fmt: skip
# Limits: a few bytes of a pickle may stand for much memory.
OPCODES_MOST, OBJECTS_MOST, KEYS_MOST = 40_000_000, 4_000_000, 1_000
MEMORY_TIMES = 6  # the bytes that a file may have: what a table takes while it is read
_PLACE_BYTES = 8
_OFTEN = 50_000
# What the instructions of a damaged or hostile pickle make this code raise.
_BROKEN = (ValueError, LookupError, TypeError, AttributeError, ArithmeticError, MemoryError, RecursionError)


@dataclass(frozen=True, slots=True)
class Named:
    """A name that the pickle would import."""

    module: str
    name: str


@dataclass(eq=False, slots=True)
class Made:
    """An object that the pickle would make: what it would call, with what, and the state that it would set."""

    of: Any
    args: Any
    state: Any = None

    @property
    def name(self) -> str:
        """Return the name of what would be called, "" if it is no plain name."""
        return self.of.name if isinstance(self.of, Named) else ""


def is_pickle(data: bytes) -> bool:
    """Whether bytes begin as a pickle of protocol 2 to 5 does."""
    return data[:1] == b"\x80" and data[1:2] in PROTOCOLS


def refused(why: str, file: str) -> ProblemError:
    """Return the refusal of a pickle, with the way out."""
    name = "".join(letter for letter in PurePosixPath(file).name if letter.isalnum() or letter in "-_. ")  # it is to be pasted in a shell
    return refuse(f"this is a pickle, and {why}, so it is not opened.", FIX.format(file=name), file=file)


def said(data: bytes, file: str, limit_bytes: int = LIMIT_BYTES) -> Any:
    """Return the value that a pickle describes: plain values, lists, tuples and dicts, `Named` and `Made`; nothing is run.

    limit_bytes : what a file may have; all values together, texts and numbers as well as lists, may take MEMORY_TIMES as much memory.
    Raises ProblemError for a name that no table needs, an instruction that is not known, one that is damaged, and too many of them.
    """
    machine = _Machine(file, MEMORY_TIMES * limit_bytes)
    try:
        for count, (opcode, argument, at) in enumerate(pickletools.genops(data)):
            if count % _OFTEN == 0:
                step(at or 0, len(data))
            if count > OPCODES_MOST:
                raise refused("it holds more values than are read from one", file)
            machine.do(opcode.name, argument)
    except _BROKEN as error:
        raise refused(f"it is damaged ({type(error).__name__})", file) from None
    if len(machine.stack) != 1:
        raise refused("it is damaged", file)
    return machine.stack[0]


_MARK = object()
_VALUES = frozenset({
    "BININT", "BININT1", "BININT2", "LONG1", "LONG4", "BINFLOAT", "SHORT_BINUNICODE", "BINUNICODE", "BINUNICODE8", "SHORT_BINBYTES",
    "BINBYTES", "BINBYTES8", "BYTEARRAY8",
})  # fmt: skip
_CONSTANTS: Mapping[str, Any] = {"NONE": None, "NEWTRUE": True, "NEWFALSE": False, "EMPTY_TUPLE": (), "MARK": _MARK}
_NOTHING = frozenset({"PROTO", "FRAME", "STOP"})


class _Machine:
    """The stack and the memo of a pickle, and what each instruction does to them.

    bytes : the memory of every value so far, of what it stands in, and of its place on the stack. What was let go is not taken off.
    """

    def __init__(self, file: str, most_bytes: int) -> None:
        self.file, self.most_bytes = file, most_bytes
        self.stack: list[Any] = []
        self.memo: list[Any] = []
        self.objects = self.bytes = 0
        self.does: Mapping[str, Callable[[Any], None]] = {
            "MEMOIZE": self._memoize, "BINPUT": self._put, "LONG_BINPUT": self._put, "BINGET": self._get, "LONG_BINGET": self._get,
            "EMPTY_LIST": lambda _: self._new([]), "EMPTY_DICT": lambda _: self._new({}), "TUPLE": self._tuple,
            "TUPLE1": lambda _: self._last(1), "TUPLE2": lambda _: self._last(2), "TUPLE3": lambda _: self._last(3),
            "APPEND": self._append, "APPENDS": self._appends, "SETITEM": self._set, "SETITEMS": self._sets,
            "GLOBAL": self._global, "STACK_GLOBAL": self._stack_global, "REDUCE": self._make, "NEWOBJ": self._make, "BUILD": self._build,
            "POP": lambda _: self.stack.pop(),
        }  # fmt: skip

    def do(self, name: str, argument: Any) -> None:
        """Take in one instruction."""
        if name in _VALUES:
            self._push(argument, sys.getsizeof(argument))
        elif name in _CONSTANTS:
            self._push(_CONSTANTS[name])
        elif name in self.does:
            self.does[name](argument)
        elif name not in _NOTHING:
            raise refused(f"it has an instruction that no table needs ({name})", self.file)

    def _count(self, bytes_: int) -> None:
        self.bytes += bytes_
        if self.bytes > self.most_bytes:
            raise refused(f"its values would take more than {self.most_bytes / 2**20:,.0f} MB of memory", self.file)

    def _push(self, value: Any, bytes_: int = 0) -> None:
        self._count(_PLACE_BYTES + bytes_)
        self.stack.append(value)

    def _new(self, value: Any) -> None:
        self.objects += 1
        if self.objects > OBJECTS_MOST:
            raise refused("it holds more objects than a table has", self.file)
        self._push(value, sys.getsizeof(value))

    def _memoize(self, _: Any) -> None:
        self._count(_PLACE_BYTES)
        self.memo.append(self.stack[-1])

    def _put(self, index: Any) -> None:
        if index != len(self.memo):  # as all picklers number; any other number could ask for memory
            raise ValueError
        self._memoize(None)

    def _get(self, index: Any) -> None:
        self._push(self.memo[index])

    def _since_mark(self) -> list[Any]:
        at = len(self.stack) - 1
        while self.stack[at] is not _MARK:  # IndexError where there is none
            at -= 1
            if at < 0:
                raise IndexError
        taken = self.stack[at + 1 :]
        del self.stack[at:]
        return taken

    def _tuple(self, _: Any) -> None:
        self._new(tuple(self._since_mark()))

    def _last(self, count: int) -> None:
        taken = tuple(self.stack[-count:])
        if len(taken) < count:
            raise IndexError
        del self.stack[-count:]
        self._new(taken)

    def _append(self, _: Any) -> None:
        value = self.stack.pop()
        self._extend([value])

    def _appends(self, _: Any) -> None:
        self._extend(self._since_mark())

    def _extend(self, values: list[Any]) -> None:
        target = _as(list, self.stack[-1])
        before = sys.getsizeof(target)
        target.extend(values)
        self._count(sys.getsizeof(target) - before)

    def _set(self, _: Any) -> None:
        value, key = self.stack.pop(), self.stack.pop()
        self._fill([key, value])

    def _sets(self, _: Any) -> None:
        self._fill(self._since_mark())

    def _fill(self, pairs: list[Any]) -> None:
        target = _as(dict, self.stack[-1])
        if len(target) + len(pairs) // 2 > KEYS_MOST:
            raise ValueError
        before = sys.getsizeof(target)
        for key, value in zip(pairs[::2], pairs[1::2], strict=True):
            target[_as(str, key)] = value
        self._count(sys.getsizeof(target) - before)

    def _global(self, argument: Any) -> None:
        module, _, name = str(argument).partition(" ")
        self._named(module, name)

    def _stack_global(self, _: Any) -> None:
        name, module = _as(str, self.stack.pop()), _as(str, self.stack.pop())
        self._named(module, name)

    def _named(self, module: str, name: str) -> None:
        if name not in KNOWN.get(module, ()):
            raise refused(f"it asks for {f'{module}.{name}'[:80]!r}, which no table needs and which could run code", self.file)
        self._new(Named(module, name))

    def _make(self, _: Any) -> None:
        args, of = self.stack.pop(), self.stack.pop()
        self._new(Made(of, args))

    def _build(self, _: Any) -> None:
        state = self.stack.pop()
        _as(Made, self.stack[-1]).state = state


def _as(kind: type[Any], value: Any) -> Any:
    if type(value) is not kind:
        raise TypeError
    return value
