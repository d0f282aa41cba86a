"""Trainers: compose, fit, evaluate, export."""
