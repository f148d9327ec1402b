"""`python -m locking` is the command `locking`."""

import sys

from locking.cli.main import process

if __name__ == "__main__":
    sys.exit(process())
