"""The device: capture offline, reconcile later."""
