"""image-spec."""
