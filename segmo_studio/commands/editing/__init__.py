"""What changes takes: their segments, generating, undo."""
