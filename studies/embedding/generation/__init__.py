"""Part 5: long rollouts."""
