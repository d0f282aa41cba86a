"""Part 3: few labels."""
