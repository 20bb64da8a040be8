"""Whole runs of `make run` in a copy of this folder, killed in every way: `make test-local`."""
