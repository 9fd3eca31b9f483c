"""Real engines, judged by the suite: podman, docker and containerd's ctr, each with state of its own.

`python3 -m tools.engines` starts what has to run, in namespaces that vanish with all that is in them, runs the packaged
suite on each, and holds what fails against the section "Engines" of docs/field-results.md. Needs root.
"""
