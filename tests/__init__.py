"""Tests: unit, properties, conformance, papers, app, e2e, benchmarks."""
