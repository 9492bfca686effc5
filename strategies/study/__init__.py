"""A study: one table made comparable, split, policies fitted and tuned, shown on test with intervals. What pages draw."""
