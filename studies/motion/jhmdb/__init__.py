"""JHMDB-14, a second data set of motions."""
