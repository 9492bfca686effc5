"""The Methods page's parts: what a method is, its card, the filters, the survey's table."""
