"""features-linux.md."""
