"""config-zos.md."""
