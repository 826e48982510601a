"""How a CEL expression is read, and what it comes to."""
