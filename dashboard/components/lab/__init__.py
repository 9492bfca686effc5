"""The Lab's parts: dials, the world, its pictures, its twin."""
