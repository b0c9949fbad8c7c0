"""A storm: calls come without a pause while everything that can fail does, again and again.

``python -m lab.storm`` plays it (``make chaos``); a short one is in the suite. ``office`` is the exchange and
who calls it, ``load`` plays them, ``troubles`` are what happens meanwhile, ``site`` is what it happens to;
``by_wire`` says how each call must stand in the history, ``verdict`` where it stands otherwise, and
``aftermath`` what is left over.
"""
