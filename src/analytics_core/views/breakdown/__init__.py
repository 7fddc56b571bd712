"""One campaign's numbers taken apart: over time, by instance, by the cause of personalization failures."""
