"""Backups: one consistent snapshot of everything, tried by restoring it, and the way back.

A backup is a folder that is whole by itself and fits either database. See docs/operations.md.
"""
