"""Start the command line."""

import sys

from tools.submissions.cli import main

sys.exit(main(sys.argv[1:]))
