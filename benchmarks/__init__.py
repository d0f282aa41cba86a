"""Speed and memory, beside what you would use instead: `make bench`.

Nothing here is a test: figures depend on the machine and on who shares it, so
each stands beside a peer that was timed in the same run.
"""
