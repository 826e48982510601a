"""Entity state, kept beside the journal: what is known of entities, and since when."""
