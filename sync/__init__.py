"""The protocol: pure functions, shared by the centre and the kit."""
