"""Finding inputs and writing outputs."""
