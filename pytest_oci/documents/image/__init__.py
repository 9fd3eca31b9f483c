"""Models of the image specification's documents: descriptor, index, manifest, image configuration, oci-layout."""
