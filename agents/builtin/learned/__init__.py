"""What was learned from examples: which words ask for what, and which say its parts."""
