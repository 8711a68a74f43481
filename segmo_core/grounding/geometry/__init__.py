"""What plain geometry tells of a moving body of 22 joints: pure numpy, no model, no detector that training used."""
