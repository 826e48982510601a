"""The language server: what an editor shows while rules are being written.

It checks what stands in the editor, saved or not, and says what may stand where. `outline` reads
half-typed YAML, `expression` half-typed CEL; `names` knows what an expression may mention; a file
each for what an editor asks. `server` alone speaks the Language Server Protocol.
"""
