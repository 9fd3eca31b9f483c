"""image-layout.md."""
