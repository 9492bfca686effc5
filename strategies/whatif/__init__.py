"""What if: declared assumptions about prices, times, outages, judges, tasks and load, and what they change. No model is called."""
