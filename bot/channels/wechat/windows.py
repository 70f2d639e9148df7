"""How many customer messages WeChat allows, and for how long (its document on customer-service messages)."""

from datetime import timedelta

from handlers.reach import Window, Windows

MINUTE = timedelta(minutes=1)
WINDOWS = Windows(
    message=Window(5, timedelta(hours=48)),
    tap=Window(3, MINUTE),
    follow=Window(3, MINUTE),
    scan=Window(3, MINUTE),
)
