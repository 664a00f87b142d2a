"""Rules as data: what a user wrote, how it is read, and what the program works with."""
