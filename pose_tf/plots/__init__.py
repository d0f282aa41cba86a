"""How poses and results look: pictures, animations, charts."""
