"""Measures models: metrics, protocols, and the rules for blessing them."""
