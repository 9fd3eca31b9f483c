"""descriptor.md."""
