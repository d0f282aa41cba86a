"""Writes a study's page: tables, intervals, plots and prose."""
