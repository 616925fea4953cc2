"""The exceptions of the house.

    DatelineError
    ├── Fatal               cannot succeed by trying again
    │   ├── ConfigError     a file of the configuration is wrong: says file, line and field
    │   ├── InputError      a file or value the user gave cannot be used
    │   ├── QueryError      a topic's query does not parse: says where
    │   └── WarehouseError  the warehouse is missing, read-only, in use or damaged
    └── Retryable           may succeed later: a network, a lock, a lost race

Messages are one line: what, where, and what to do. `cli` prints them without a traceback.
"""


class DatelineError(Exception):
    """Root of all errors that are meant for a user."""


class Fatal(DatelineError):
    """Cannot succeed by trying again."""


class Retryable(DatelineError):
    """May succeed later."""


class ConfigError(Fatal):
    """A file of the configuration is wrong."""


class InputError(Fatal):
    """A file or value the user gave cannot be used."""


class QueryError(Fatal):
    """A topic's query does not parse."""


class WarehouseError(Fatal):
    """The warehouse is missing, read-only, in use or damaged."""
