"""Anju beside the libraries that others would take: the same form step, loaded in turn, in one run."""
