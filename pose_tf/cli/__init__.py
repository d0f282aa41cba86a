"""The commands of `pose-tf`."""
