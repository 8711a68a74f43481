"""Pictures of motions without a screen or a graphics card: a small renderer of our own."""
