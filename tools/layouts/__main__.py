"""Start the command line."""

import sys

from tools.layouts.cli import main

sys.exit(main(sys.argv[1:]))
