"""annotations.md."""
