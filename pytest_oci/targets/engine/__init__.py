"""Engines as products under test: how they are told to run an image, and a recorder in the place of their runtime."""
