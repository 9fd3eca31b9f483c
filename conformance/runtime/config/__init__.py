"""config.md."""
