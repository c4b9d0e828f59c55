"""Who may do what: people, their roles and scopes, their devices and tokens."""
