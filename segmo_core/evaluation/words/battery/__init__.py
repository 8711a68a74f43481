"""Free sentences whose result plain geometry can tell, in ten kinds."""
