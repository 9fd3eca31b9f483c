"""manifest.md."""
