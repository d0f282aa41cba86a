"""Speed and memory, compared with what you would use instead: `make bench`.

Nothing here is a test: figures depend on the machine and on who shares it, so
each is compared with a peer that was measured in turns with it.
"""
