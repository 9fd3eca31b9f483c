"""Real registries, judged by the suite and held against docs/field-results.md: `python3 -m tools.registries`.

Each is started from a configuration of its own in a temporary directory, listens on a free port of loopback, and is
ended with everything that it kept. The exit status is 0 if every run is sound and the page is right, else 1.
"""
