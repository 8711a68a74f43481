"""Grids of trainings that differ in single choices: trained with several seeds, evaluated, compared."""
