"""The embedding study: a folder per part, each an experiment and its page."""
