"""Parsers: an incoming answer becomes a value, or a reason why not."""
