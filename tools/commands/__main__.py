"""Start the command line."""

import sys

from tools.commands.cli import main

sys.exit(main(sys.argv[1:]))
