"""`python3 -m tools.engines`."""

import sys

from tools.engines.cli import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
