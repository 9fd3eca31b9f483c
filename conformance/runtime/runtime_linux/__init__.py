"""runtime-linux.md."""
