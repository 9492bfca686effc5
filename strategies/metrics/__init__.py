"""What is measured: the cost-quality plane, gap recovered, saving, arena score. Pure functions of arrays."""
