"""Run the suite on real clients of registries: `python3 -m tools.clients [NAME…]`.

docker, skopeo, buildah and podman unless others are named; docker has a daemon of its own. What a clause says of a
client (it fails, or is not kept as the text advises) has to have a row in docs/field-results.md, in the section
`### NAME VERSION, a client`, and what a row says has to be seen. The exit status is 0 if every run was sound and the
page is right, 1 if not, 4 if it was not asked for properly. Needs root: everything happens in namespaces that end with
this process, and all that is in them.
"""

import sys

from tools.clients.cli import main

sys.exit(main(sys.argv[1:]))
