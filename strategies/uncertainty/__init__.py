"""How sure a number is: bootstrap over queries, paired differences, exact intervals for few queries."""
