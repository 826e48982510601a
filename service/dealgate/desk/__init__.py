"""What rule authors work with: layout, drafts, workbooks, the handbook, schemas, releases."""
