"""How sure a comparison of arms is: tests, intervals, power. Knows no campaigns; imports words and packing only."""
