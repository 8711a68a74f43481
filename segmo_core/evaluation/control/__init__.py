"""Constraints of recorded clips, held by generated motions."""
