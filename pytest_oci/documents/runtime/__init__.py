"""Models of the runtime specification's documents: config.json, the state and the features structure."""
