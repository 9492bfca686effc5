"""Words of the energy and CO2 of a point."""

from __future__ import annotations

from collections.abc import Mapping

TITLE = "Energy and CO2 of this point"
WORKING = "Working out the energy"
DEVICE = "Device that answers"
DEVICE_HELP = (
    "Its watts times the recorded seconds, for models of which nothing better is known: measured watt-hours, or an estimate by ecologits "
    "from the tokens. Always marked as assumed."
)
NO_DEVICE = "none: only what is known"
DEVICES: Mapping[str, str] = {
    "gpu-h200": "GPU, NVIDIA H200",
    "gpu-h100-pcie": "GPU, NVIDIA H100 PCIe",
    "cloud-core": "One core of a cloud server",
    "laptop-cpu": "Laptop processor",
    "raspberry-pi-5": "Raspberry Pi 5",
}
ZONE = "Electricity of"
ZONE_HELP = "What a kWh emits there, by ecologits' electricity mixes. Making the machines is left out."
ZONES: Mapping[str, str] = {
    "WOR": "the world on average", "AUS": "Australia", "BRA": "Brazil", "CAN": "Canada", "CHN": "China", "FIN": "Finland",
    "FRA": "France", "DEU": "Germany", "IND": "India", "IRL": "Ireland", "ITA": "Italy", "JPN": "Japan", "NLD": "Netherlands",
    "NOR": "Norway", "POL": "Poland", "SGP": "Singapore", "ZAF": "South Africa", "KOR": "South Korea", "ESP": "Spain", "SWE": "Sweden",
    "CHE": "Switzerland", "GBR": "United Kingdom", "USA": "United States",
}  # fmt: skip
ENERGY, CO2E = "Energy per 1,000 queries", "CO2 per 1,000 queries"
RANGE = "{low} to {high}"
VS = "{change} against {best} alone"
NOT_KNOWN = "not known"
TIERS: Mapping[str, str] = {"measured": "measured", "estimated": "estimated", "assumed": "assumed", "unknown": "unknown"}
COLOURS: Mapping[str, str] = {"measured": "green", "estimated": "blue", "assumed": "orange", "unknown": "gray"}
TIER_HELP: Mapping[str, str] = {
    "measured": "Watt-hours were recorded with the answers.",
    "estimated": "ecologits' estimate from the tokens written; the range is that of what is known of such models.",
    "assumed": "A device's watts times the recorded seconds; the range is from its lowest to its highest draw.",
    "unknown": "Nothing says what a call takes.",
}
UNKNOWN = "Nothing is known of the energy of {models}. Choose the device that answers, if the latencies are those of such a device."
UNKNOWN_UNTIMED = "Nothing is known of the energy of {models}: no watt-hours, no tokens of a model that ecologits knows, no latencies."
RANGE_NOTE = "A range of the estimate, not of the queries. The middle is no measurement."
GRID = "{zone}: {grams} g CO2-equivalent a kWh ({source})."
HEAD = ("Model", "1,000 calls", "Called", "How it is known", "Source")
LABEL = "Energy of each model's calls"
