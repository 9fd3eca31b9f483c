"""The suite on real clients of registries."""
