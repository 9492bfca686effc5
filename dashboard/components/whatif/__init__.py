"""The What-if page's parts: levers, what they change, what the conclusion hangs on, break-even prices."""
