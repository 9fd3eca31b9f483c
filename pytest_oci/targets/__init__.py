"""Products under test, each kind behind a typed adapter."""
