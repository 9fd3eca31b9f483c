"""Conversion to an OCI runtime configuration (conversion.md)."""
