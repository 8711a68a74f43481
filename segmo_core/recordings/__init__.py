"""Recorded motions edited in place: a stretch made anew from text, more after the end, loops and joins."""
