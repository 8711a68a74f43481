"""Training a bundle on with one's own clips, without forgetting what it knew."""
