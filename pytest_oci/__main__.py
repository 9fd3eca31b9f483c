"""`python -m pytest_oci`."""

import sys
from pathlib import Path

# `-m` puts the directory first in which it is called; that may be a folder to be judged, with modules of its own.
if not sys.flags.safe_path and sys.path and Path(sys.path[0]) == Path.cwd():
    del sys.path[0]

from pytest_oci.cli import main

raise SystemExit(main())
