"""A city's day in compressed time: the program's copies, the people, the office, and the recount."""
