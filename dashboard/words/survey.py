"""The survey's table of methods against constraints (arXiv 2506.06579), as far as it is known.

Read cell by cell from public notes on the survey's tables II and III. Cells: + addressed, ~ weak or in part, - not addressed,
? not recovered. TABI belongs to the same family, but neither note gives it a row. Which paper it means by efficient hybrid decoding is
our reading.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

ARXIV = "2506.06579"
TABLES = "II and III"
CONSTRAINTS = ("compute", "memory", "energy", "latency", "money", "scale", "modality")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One method of the survey. arxiv : its paper's id, "" where it is not known which is meant; cells : one sign a constraint."""

    name: str
    group: Literal["routing", "hi"]
    arxiv: str
    cells: str


ROWS = (
    Row(name="Tryage", group="routing", arxiv="2308.11601", cells="+~~++~-"),
    Row(name="ZOOTER", group="routing", arxiv="2311.08692", cells="++-+++-"),
    Row(name="FORC", group="routing", arxiv="2308.06077", cells="+++++~-"),
    Row(name="Routoo", group="routing", arxiv="2401.13979", cells="??-+++-"),
    Row(name="HybridLLM", group="routing", arxiv="2404.14618", cells="+++++--"),
    Row(name="OptLLM", group="routing", arxiv="2405.15130", cells="??~+++~"),
    Row(name="MetaLLM", group="routing", arxiv="2407.10834", cells="?--?++-"),
    Row(name="RouteLLM", group="routing", arxiv="2406.18665", cells="+-++?+-"),
    Row(name="FrugalGPT", group="hi", arxiv="2305.05176", cells="?+++++-"),
    Row(name="EcoAssistant", group="hi", arxiv="2310.03046", cells="?+???--"),
    Row(name="Cache & Distil", group="hi", arxiv="2310.13561", cells="???????"),
    Row(name="AutoMix", group="hi", arxiv="2310.12963", cells="?+???--"),
    Row(name="Efficient Hybrid Decoding", group="hi", arxiv="2409.13757", cells="?????--"),
    Row(name="Uncertainty-based selection", group="hi", arxiv="2405.02134", cells="?????--"),
)
