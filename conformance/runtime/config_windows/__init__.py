"""config-windows.md."""
