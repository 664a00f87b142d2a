"""Write the tables and weights that ship with the project."""
