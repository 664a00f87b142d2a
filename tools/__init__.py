"""What `training`, `evaluation` and `benchmarks` share: the runner, the data folder outside of the project, scores."""
