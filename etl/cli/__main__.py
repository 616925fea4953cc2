"""Starts the `dateline` command, also as `python -m etl.cli`."""

import signal


def start() -> None:
    """Load the commands, and run the one that the user gave."""
    if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # while modules are loaded, Ctrl-C ends the process in silence
    from etl.cli.main import main

    main()


if __name__ == "__main__":
    start()
