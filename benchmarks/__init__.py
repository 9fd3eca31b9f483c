"""Measurements of what the suite and the plugin cost. Programs for a checkout; not part of the wheel."""
