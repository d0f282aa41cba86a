"""Builds clips of a filmed kinematic body; nothing is downloaded."""
