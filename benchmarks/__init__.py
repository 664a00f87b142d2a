"""Measure speed, and whether a run that is interrupted can be resumed and undone."""
