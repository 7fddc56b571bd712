"""How sure a comparison of arms is: tests, intervals, power. Knows nothing of campaigns; imports the words only."""
