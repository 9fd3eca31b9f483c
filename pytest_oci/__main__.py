"""`python -m pytest_oci`."""

from pytest_oci.cli import main

raise SystemExit(main())
