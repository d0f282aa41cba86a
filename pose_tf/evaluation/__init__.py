"""How good a model is: metrics, protocols, and the rules of blessing."""
