"""Start the command line."""

import sys

from tools.registries.cli import main

sys.exit(main(sys.argv[1:]))
