"""What can go wrong below, one class a way; the docstring is the message."""


class StorageError(Exception):
    """The database could not do what was asked."""

    def __init__(self, hint: str = "") -> None:
        message = (type(self).__doc__ or "").strip()
        super().__init__(f"{message} {hint}".strip())


class Busy(StorageError):
    """More work is waiting for the database than it can take; try again in a moment."""


class Unavailable(StorageError):
    """The database does not answer, or has no room left; nothing was saved."""


class NotReached(StorageError):
    """The database can't be reached: does it run, and is ANJU_DATABASE_URL right?"""


class LostUpdate(StorageError):
    """A conversation changed while it was being decided on; nothing was saved."""


class AlreadyAnswered(StorageError):
    """This message was answered before; its stored answer counts."""


class NewerSchema(StorageError):
    """The database was made by a newer version of the program; update the program instead."""


class Held(StorageError):
    """Something long is at work on a table that must be changed; nothing was changed: run `anju migrate` again."""


class OldSchema(StorageError):
    """The database is older than the program; run `anju migrate`."""


class UnknownDatabase(StorageError):
    """ANJU_DATABASE_URL must begin with sqlite:/// or postgresql://."""
