"""The outside world: channels, words, delivery, the clock, the command line."""
