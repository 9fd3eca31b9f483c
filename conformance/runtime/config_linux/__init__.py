"""config-linux.md."""
