"""Finding strategies: the folders are walked; a file that breaks is reported, not fatal."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from functools import lru_cache
from types import ModuleType

import strategies
from data.problems import Problem, refuse
from strategies.protocol import Card, Strategy

FOLDERS = ("baselines", "routers", "cascades", "ensembles", "online")


@lru_cache(maxsize=1)
def discover() -> tuple[dict[str, type[Strategy]], tuple[Problem, ...]]:
    """Return (id -> class, problems) of every strategy below FOLDERS, in the order of folders and files."""
    found: dict[str, type[Strategy]] = {}
    problems: list[Problem] = []
    for folder in FOLDERS:
        try:
            package = importlib.import_module(f"strategies.{folder}")
        except Exception as error:  # noqa: BLE001 - as below
            if not (isinstance(error, ModuleNotFoundError) and error.name == f"strategies.{folder}"):
                problems.append(_broken(f"strategies.{folder}", error))
            continue  # folders appear when something lives in them
        for info in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
            try:
                module = importlib.import_module(info.name)
            except Exception as error:  # noqa: BLE001 - any author's mistake is shown as a problem
                problems.append(_broken(info.name, error))
                continue
            for strategy in strategies_in(module):
                if strategy.card.id in found:
                    first = found[strategy.card.id].__module__
                    problems.append(
                        Problem(what=f"{strategy.card.id} is taken by {first}.", fix="Give the card its own id.", file=info.name)
                    )
                found.setdefault(strategy.card.id, strategy)
    return found, tuple(problems)


def _broken(module: str, error: Exception) -> Problem:
    return Problem(what=f"could not be imported: {error!r}.", fix="Mend the file; the others work.", file=module)


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


__all__ = ["FOLDERS", "discover", "find", "strategies", "strategies_in"]
