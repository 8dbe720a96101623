"""One engine's turn: durable steps a second, in a process of its own, on a database of its own.

    python -m bot.bench.engines NAME '{"folder": …, "steps": …, "runs": …, "at_once": …, …}'

Every engine does the same: a run is a chain of steps, each of which gets the number that the
one before returned and returns it plus one. One run after the other gives ``serial``, many runs
at the same time give ``at_once``, by each way that the engine has for that. All write to the disk
at every commit (``synchronous=FULL``). The result goes out as one line of JSON.
"""
