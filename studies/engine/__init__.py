"""Runs, kept and repeated: what any study needs, and nothing of one."""
