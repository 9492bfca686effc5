"""Strategies that learn while the queries come in: one file a method."""
