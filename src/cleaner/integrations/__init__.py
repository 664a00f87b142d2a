"""Steps for the pipelines of others, one module for each; it is imported with what it belongs to."""
