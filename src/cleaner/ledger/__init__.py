"""The record of runs, files and removed text."""
