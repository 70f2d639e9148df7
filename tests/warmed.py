"""Loaded once by the process that forks programs for tests: every template compiled, as a running program has them."""

from bot.render import Words
from bot.tongue import OfficeFacts
from regulations.pack import load

FAULTS = Words(load("cn-zj-hangzhou"), OfficeFacts(), tuple).faults()
