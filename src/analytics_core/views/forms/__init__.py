"""What any view is made of: numbers, texts, tables, charts, colours."""
