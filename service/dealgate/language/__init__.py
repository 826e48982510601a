"""How a CEL expression is read and evaluated."""
