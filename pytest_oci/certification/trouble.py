"""What is wrong with what a command of the programme was given."""

from __future__ import annotations


class CertificationError(ValueError):
    """One line that says what is wrong and how to mend it; the commands exit with 4."""
