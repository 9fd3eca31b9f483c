"""What the suite says of commands of real tools: converters, copiers, builders, artifact tools.

`python3 -m tools.commands` runs the suite on each, without a network and without touching the state that these tools
keep on the machine, and holds what fails against docs/field-results.md; `--list` says which there are.
"""
