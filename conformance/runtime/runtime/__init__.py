"""runtime.md."""
