"""How much is kept of an entity."""

MOST_BYTES = 64 * 1024  # of its facts together
MOST_ACTIVITIES = 10_000
# Older revisions are forgotten: a read at an instant before them returns nothing, never more.
MOST_REVISIONS = 1000
