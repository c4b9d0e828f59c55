"""Every decoder of bytes from outside, fed with what real messages become when they are damaged or forged.

One file per kind of door; ``doors`` lists them all. ``python -m tests.fuzz --minutes 5`` looks longer.
"""
