"""distribution-spec: what registries and clients owe."""
