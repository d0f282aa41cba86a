"""Tables, intervals and pictures of a study's page."""
