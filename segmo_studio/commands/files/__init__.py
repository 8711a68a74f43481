"""What File does: motions, projects, lists of prompts."""
