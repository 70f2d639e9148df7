"""`anju demo`: an invented town with a living office, in a database of its own. Nobody in it exists."""
