"""The shape of what crosses the wire."""
