"""What a pose is: joints, coordinates, and their transform."""
