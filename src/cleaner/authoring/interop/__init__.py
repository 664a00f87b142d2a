"""Rules from and for e-book readers and other tools."""
