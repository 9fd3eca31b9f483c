"""Submission folders of real products and of demonstrations, made and verified: `python3 -m tools.submissions DIR`.

Everything goes through the command line, as a vendor and a reviewer would have it: `init`, `certify`, `attest` and
`verify`. Whether a real product conforms is not the question here, whether its folder holds is; a demonstration is
conformant, and is watermarked. The exit status is 0 if every folder was made and verifies, else 1.
"""
