"""Speed and memory, compared with what you would use instead: `make bench`.

Nothing here is a test: results depend on the machine and on what else runs on
it, so each is compared with a peer that is measured in turns with it. Trust
ratios of an idle machine only: when other processes use the cores, torch's
threads wait for one another and a step takes up to 80 times as long, which
flatters us. A wide range of a ratio means that the machine was busy.
"""
