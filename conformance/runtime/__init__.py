"""runtime-spec."""
