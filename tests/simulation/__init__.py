"""Whole fleets on the real code, in one process, with every fault; one seed is one history, to the byte.

``make simulate SCHEDULES=1000`` plays so many, ``make simulate SEED=7`` shows one step by step. How it is built:

* ``plan`` draws a schedule from a seed: a list of steps, each with dice of its own, so that leaving one out changes
  nothing of the others. That is what makes a failing schedule shrinkable (``shrink``).
* ``headquarters`` is the real application on a SQLite database in memory; ``phone`` the real kit on another one;
  ``air`` is all that lies between them. A sync runs in a greenlet and stops at every exchange, so that anything may
  happen before the exchange goes on.
* ``acts`` is what people type on devices, ``desk`` what staff do, ``faults`` what goes wrong. What takes several things
  in a row to go wrong (``refusing``, ``going_back``, ``out_of_sight`` …) is one act, made of ``moves``.
* ``checks`` are the promises, one function each, asked after every step; those that hold only once the faults have
  stopped are asked at the end.
"""
