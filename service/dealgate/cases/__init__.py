"""What the cases of a rule set show, what they leave out, and which case is missing."""
