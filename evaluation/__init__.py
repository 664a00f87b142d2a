"""Score the quality of results."""
