"""Constraints in space: where a body, a hand or a foot is to be at what time, and motions that hold them."""
