"""Part 6: pictures of rollouts."""
