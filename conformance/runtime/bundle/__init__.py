"""bundle.md."""
