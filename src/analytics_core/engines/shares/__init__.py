"""One computation in shares of users: even ones, what each counts, and adding that up."""
