"""Programs for a checkout: first contact, cgroup views, leftovers. Not part of the wheel."""
