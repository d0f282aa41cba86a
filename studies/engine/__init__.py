"""Executes, stores and repeats the runs of any study."""
