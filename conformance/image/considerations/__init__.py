"""considerations.md."""
