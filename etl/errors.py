"""The exceptions of the project.

    DatelineError
    ├── Fatal               trying again cannot succeed
    │   ├── ConfigError     a configuration file is wrong; the message names the file, the line and the field
    │   ├── InputError      a file or value that the user gave cannot be used
    │   ├── QueryError      a topic's query cannot be parsed; the message says where
    │   └── WarehouseError  the warehouse is missing, read-only, in use or damaged
    └── Retryable           may succeed later: a network error, a lock, a lost race

A message is one line: what happened, where, and what to do. `cli` prints it without a traceback.
"""


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
