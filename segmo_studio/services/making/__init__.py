"""Motions that are being made: what was asked for, what runs."""
