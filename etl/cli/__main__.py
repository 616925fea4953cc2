"""`python -m etl.cli` is the `dateline` command."""

from etl.cli.main import main

if __name__ == "__main__":
    main()
