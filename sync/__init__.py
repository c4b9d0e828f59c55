"""The sync protocol as pure functions: no I/O, no clock, no framework. Server and field kit call the same code."""
