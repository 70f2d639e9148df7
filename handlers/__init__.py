"""Decisions: channel-neutral, without words, without I/O but storage."""
