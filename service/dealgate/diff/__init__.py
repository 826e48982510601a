"""Two versions of one kind compared: in words, and by the facts on which they part."""
