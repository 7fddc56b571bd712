"""What a campaign came to, in a few sentences, and what to be wary of."""
