"""`python -m locking` is the command `locking`."""

import sys

from locking.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
