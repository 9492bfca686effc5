"""The Compare page in parts: what is compared and how far it is, the picture, the table, what is taken away."""
