"""Speed and memory, compared with what you would use instead: `make bench`.

Nothing here is a test: figures depend on the machine and on who shares it, so
each is compared with a peer that was measured in turns with it. Read ratios of
a quiet machine only: where others hold the cores, torch's threads wait for one
another and a step takes up to 80 times as long, which flatters us. A ratio
whose range is wide was not measured on a quiet machine.
"""
