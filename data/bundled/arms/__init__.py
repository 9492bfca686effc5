"""The arms of the bundled default table: a tool, a prototype classifier, a small model and its self-consistency."""
