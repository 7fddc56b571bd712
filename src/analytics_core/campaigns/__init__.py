"""What may be done with a campaign's definition: its life, its approval, and how it is changed."""
