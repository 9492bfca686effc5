"""Widget groups and custom components, one a file or folder."""
