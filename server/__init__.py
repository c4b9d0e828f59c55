"""The centre: it merges, orders, keeps and serves."""
