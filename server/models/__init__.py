"""The tables, and the engine under them. Import this package's modules to fill ``base.metadata``."""
