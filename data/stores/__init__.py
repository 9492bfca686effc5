"""Where tables stay: columns on disk, and the folder of a person's own sets."""
