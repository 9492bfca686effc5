"""Parts of the Signals page."""
