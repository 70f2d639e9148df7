"""Anything at all goes in: decoders refuse it in a known way, and the talk keeps its order."""
