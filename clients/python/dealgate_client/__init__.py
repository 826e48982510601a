"""The Python client of Dealgate, sync and asyncio."""

__version__ = "0.1.0"
