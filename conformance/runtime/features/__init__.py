"""features.md."""
