"""The nouns: pure values that know no file, socket, clock or database."""
