"""config-freebsd.md."""
