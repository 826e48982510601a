"""Two arms compared while they run: statistics that hold whenever somebody looks."""
