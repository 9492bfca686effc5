"""A table as it would be under an assumption: other prices, a model that is down, a confidence that errs. Nothing is called."""
