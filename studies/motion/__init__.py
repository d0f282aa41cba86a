"""Part 7 of the study: embeddings of whole motions, of which few are labelled."""
