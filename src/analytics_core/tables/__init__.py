"""What a table is: one declaration per table gives its columns, types, checks and documentation."""
