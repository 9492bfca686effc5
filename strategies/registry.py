"""Finding strategies: the folders are walked, and a folder of one's own; a file that breaks is reported, not fatal."""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import os
import pkgutil
import sys
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from types import ModuleType

import strategies
from data.problems import Problem, refuse
from strategies.protocol import Card, Strategy

FOLDERS = ("baselines", "routers", "cascades", "ensembles", "online")
OWN_VARIABLE = "ROUTESCOPE_STRATEGIES"
_OWN = "routescope_own"  # the name space of a person's own files, so that none can shadow a module of the project


@lru_cache(maxsize=1)
def discover() -> tuple[dict[str, type[Strategy]], tuple[Problem, ...]]:
    """Return (id -> class, problems) of every strategy below FOLDERS, in the order of folders and files, then a person's own."""
    found: dict[str, type[Strategy]] = {}
    problems: list[Problem] = []
    for module in _modules(problems):
        for strategy in strategies_in(module):
            place = _place(module)
            if strategy.card.id in found:
                first = found[strategy.card.id].__module__
                problems.append(Problem(what=f"{strategy.card.id} is taken by {first}.", fix="Give the card its own id.", file=place))
                continue
            try:
                strategy()
            except Exception as error:  # noqa: BLE001 - any author's mistake is shown as a problem
                problems.append(_unmade(strategy, place, error))
                continue
            found[strategy.card.id] = strategy
    return found, tuple(problems)


def own_folder() -> Path | None:
    """Return the folder of a person's own strategies that ROUTESCOPE_STRATEGIES names, or None.

    Its files are run as they stand: it is for code that one trusts as much as the program.
    """
    given = os.environ.get(OWN_VARIABLE, "")
    return Path(given).expanduser() if given else None


def is_own(strategy: type[Strategy]) -> bool:
    """Whether a strategy comes from a person's own folder."""
    return strategy.__module__.startswith(f"{_OWN}.")


def _modules(problems: list[Problem]) -> Iterator[ModuleType]:
    """Yield every module that can be imported; what can't becomes a problem."""
    for folder in FOLDERS:
        try:
            package = importlib.import_module(f"strategies.{folder}")
        except Exception as error:  # noqa: BLE001 - as below
            if not (isinstance(error, ModuleNotFoundError) and error.name == f"strategies.{folder}"):
                problems.append(_broken(f"strategies.{folder}", error))
            continue  # folders appear when something lives in them
        for info in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
            try:
                yield importlib.import_module(info.name)
            except Exception as error:  # noqa: BLE001 - any author's mistake is shown as a problem
                problems.append(_broken(info.name, error))
    yield from _own_modules(problems)


def _own_modules(problems: list[Problem]) -> Iterator[ModuleType]:
    folder = own_folder()
    if folder is None:
        return
    if not folder.is_dir():
        fix = f"Create it, or set {OWN_VARIABLE} to the folder of your strategies."
        problems.append(Problem(what="there is no such folder.", fix=fix, file=str(folder)))
        return
    for path in sorted(folder.glob("[!_]*.py")):
        try:
            yield _loaded(path)
        except (Exception, SystemExit) as error:  # noqa: BLE001 - any author's mistake is shown as a problem
            problems.append(_broken(str(path), error))


def _loaded(path: Path) -> ModuleType:
    name = f"{_OWN}.{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ImportError(path.name)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # dataclasses look their module up while it is imported
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module


def _place(module: ModuleType) -> str:
    """Return where a module is, as a problem names it: a person's own by its path."""
    return str(module.__file__) if module.__name__.startswith(f"{_OWN}.") else module.__name__


def _broken(module: str, error: BaseException) -> Problem:
    return Problem(what=f"could not be imported: {error!r}.", fix="Mend the file; the others work.", file=module)


def _unmade(strategy: type[Strategy], place: str, error: Exception) -> Problem:
    what = f"{strategy.__name__} could not be made with its own defaults: {error!r}."
    return Problem(what=what, fix="Give every field a default in its range; the others work.", file=place)


def strategies_in(module: ModuleType) -> list[type[Strategy]]:
    """Return the classes of a module that are strategies with a card of their own, in file order."""
    own = [c for _, c in inspect.getmembers(module, inspect.isclass) if issubclass(c, Strategy) and c.__module__ == module.__name__]
    return sorted((c for c in own if isinstance(vars(c).get("card"), Card)), key=lambda c: inspect.getsourcelines(c)[1])


def find(identity: str) -> type[Strategy]:
    """Return a strategy's class by its card's id; ProblemError with the nearest names if there is none."""
    found, _ = discover()
    if identity not in found:
        import difflib

        near = difflib.get_close_matches(identity, found, n=3)
        raise refuse(
            f"there is no strategy {identity!r}.",
            f"Did you mean {' or '.join(near)}?" if near else f"There are: {', '.join(sorted(found))}.",
        )
    return found[identity]


__all__ = ["FOLDERS", "OWN_VARIABLE", "discover", "find", "is_own", "own_folder", "strategies", "strategies_in"]
