"""spec.md."""
