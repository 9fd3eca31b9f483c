"""image-index.md."""
