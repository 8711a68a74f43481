"""What the words of a segment count or measure, told by geometry on joints."""
