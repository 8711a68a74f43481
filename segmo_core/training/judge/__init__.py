"""Training of the judge on joints that a bundle checks itself with."""
