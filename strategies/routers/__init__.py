"""Choose the model before it answers."""
