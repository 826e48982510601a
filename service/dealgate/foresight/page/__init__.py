"""The impact as one HTML page that needs nothing else; an extra."""
