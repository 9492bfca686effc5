"""Start cheap, look at the answer, escalate when unsure."""
