"""The declarations, one small file a benchmark; what could not be established about one is left out and shown as not stated."""
