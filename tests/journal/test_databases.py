"""What tests of PostgreSQL rest on: none of them finds what another one left."""

from dealgate.journal.bookmarks import BookmarkMove
from dealgate.journal.urls import open_journal
from dealgate.model.feed import Position
from tests.journal.postgres import DATABASES, Postgres

LEFT = "SELECT count(*) FROM dealgate.bookmarks"
MADE = """
    SELECT tablename FROM pg_tables WHERE tablename = 'strange' OR schemaname = 'dealgate_strange'
"""


async def test_a_database_that_is_used_again_is_as_empty_as_a_new_one(postgres: Postgres) -> None:
    """A bookmark that was left kept a later test's journal from being pruned, once in some runs."""
    url = postgres.new_database()
    name = url.partition("?")[0].rpartition("/")[2]
    journal = await open_journal(url)
    await journal.move_bookmark(BookmarkMove("crm", None, Position(0, 0)))
    await journal.close()
    postgres.ask("CREATE TABLE dealgate.strange (number int)", name)
    postgres.ask("CREATE SCHEMA dealgate_strange; CREATE TABLE dealgate_strange.a (b int)", name)
    assert postgres.ask(LEFT, name) == [(1,)]

    again = [postgres.new_database() for _ in range(DATABASES)][-1]
    assert again == url
    assert (postgres.ask(LEFT, name), postgres.ask(MADE, name)) == ([(0,)], [])
