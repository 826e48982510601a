"""How a rule, cases or releases file is laid out; what it means and its comments stay.

`entries` reads a file as a tree whose entries carry their comments, `emission` writes it out,
`scalars` knows how single values are written, `formatting` puts them together and holds the result
to what the file meant before.
"""
