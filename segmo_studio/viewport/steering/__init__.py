"""Mouse, keys and gestures on the camera."""
