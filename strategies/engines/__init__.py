"""The one loop and its two sources."""
