"""Registries as products under test: requests behind limits, exchanges as plain data, authentication, cleaning."""
