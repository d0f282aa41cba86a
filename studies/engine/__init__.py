"""Executes, keeps and repeats runs, of whatever study."""
