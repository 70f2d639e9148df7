"""The words: one folder a language."""
