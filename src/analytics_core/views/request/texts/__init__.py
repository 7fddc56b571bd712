"""What secrets stand in: pairs of name and value, templates, encodings."""
