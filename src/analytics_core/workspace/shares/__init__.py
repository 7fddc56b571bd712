"""One computation in shares that any processes count: the plan, the state it pins, the files of shares."""
