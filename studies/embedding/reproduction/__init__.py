"""Part 1: the original experiment, and what it confounded."""
