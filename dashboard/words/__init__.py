"""Page copy and glossary, so that no prose hides in code."""
