"""Journals of each kind, as tests/journal knows how to make them."""

from tests.journal import conftest

new_url, postgres = conftest.new_url, conftest.postgres
