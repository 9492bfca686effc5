"""What methods share: embeddings, text features, neighbours, calibrated probabilities."""
