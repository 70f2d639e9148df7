"""Reminders: the table of entries, planning them as rows, telling what is due, and what people answer to them."""
