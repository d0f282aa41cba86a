"""Keras models; they never open a file and never read a flag."""
