"""Single models, mixtures and bounds."""
