"""Exported models: writing SavedModels, loading them, feeding them."""
