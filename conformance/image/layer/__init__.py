"""layer.md."""
