"""Live calls: endpoints, one call, a spending cap, batches, and the small model on this machine."""
