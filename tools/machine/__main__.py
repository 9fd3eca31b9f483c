"""`python3 -m tools.machine`."""

import sys

from tools.machine.cli import main

sys.exit(main(sys.argv[1:]))
