"""SegMo Studio: the desktop application."""
