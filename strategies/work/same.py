"""Whether two computers would reckon alike: the versions of what figures come from."""

from __future__ import annotations

import platform
from importlib.metadata import PackageNotFoundError, version

from data.problems import ProblemError, refuse

_PACKAGES = ("routescope", "numpy", "scipy", "scikit-learn")


def versions() -> dict[str, str]:
    """Return package -> version of what figures depend on, Python's own too; packages that are not there are left out."""
    found = {"python": ".".join(platform.python_version_tuple()[:2])}
    for name in _PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def differing(other: dict[str, str]) -> ProblemError | None:
    """Return (not raise) what is wrong with this computer's versions if another one's are those given; None if nothing is."""
    mine = versions()
    names = sorted(name for name in {*mine, *other} if mine.get(name) != other.get(name))
    if not names:
        return None
    told = ", ".join(f"{name} {mine.get(name, 'missing')} instead of {other.get(name, 'none')}" for name in names)
    return refuse(
        f"{platform.node()} has {told}: its figures could differ.",
        "Install the same versions of RouteScope and these packages on every node.",
    )
