"""Image layouts that real tools write, and what the suite says of them.

`python3 -m tools.layouts make DIRECTORY` has buildah, podman, skopeo, umoci, docker, containerd and others write image
layouts of many shapes, without a network and without touching the state that these tools keep on the machine;
`python3 -m tools.layouts judge DIRECTORY` runs the suite on each and holds what fails against docs/field-results.md.
"""
