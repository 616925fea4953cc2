"""The exceptions of the project.

    DatelineError
    ├── Fatal               trying again cannot succeed
    │   ├── ConfigError     a configuration file is wrong; the message names the file, the line and the field
    │   ├── InputError      a file or value that the user gave cannot be used
    │   ├── QueryError      a topic's query cannot be parsed; the message says where
    │   └── WarehouseError  the warehouse is missing, read-only, in use or damaged
    └── Retryable           may succeed later: a network error, a lock, a lost race
        └── MachineError    the machine, a library or a model failed: a full disk, no memory, a damaged file

A message is one line: what happened, where, and what to do. `cli` prints it without a traceback.
"""

import errno


class DatelineError(Exception):
    """The root of all errors that are meant for a user."""


class Fatal(DatelineError):
    """Trying again cannot succeed."""


class Retryable(DatelineError):
    """Trying again later may succeed."""


class ConfigError(Fatal):
    """A configuration file is wrong."""


class InputError(Fatal):
    """A file or value that the user gave cannot be used."""


class QueryError(Fatal):
    """A topic's query cannot be parsed."""


class WarehouseError(Fatal):
    """The warehouse is missing, read-only, in use or damaged."""


class MachineError(Retryable):
    """The machine, a library or a model failed, so nothing is known about the page or text that was being read."""


# Errors that no page or text can cause: no space, memory or file descriptors, a disk that cannot be read or written.
_MACHINE_ERRNOS = frozenset({
    errno.EACCES, errno.EAGAIN, errno.EBUSY, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EMFILE, errno.ENFILE,
    errno.ENODEV, errno.ENOMEM, errno.ENOSPC, errno.ENXIO, errno.EPERM, errno.EROFS, errno.ESTALE,
})  # fmt: skip


def is_machine_error(error: BaseException) -> bool:
    """Whether an error is surely not the fault of the page or text that was being read.

    Then the page must not be rejected for it, and a library that raised it must not be replaced by a poorer one.
    """
    if isinstance(error, OSError):
        return error.errno in _MACHINE_ERRNOS
    return isinstance(error, MachineError | MemoryError)
