"""What a run found, for people and for programs. Nothing here decides anything."""
