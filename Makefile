# make demo | test | test-lowest | lint | bench | study | study-quick |
#      study-check | clean
# VENV names the environment to use or make, PYTHON the interpreter for it,
# WORKERS how many processes share the tests, STUDY more of the study's flags.
# test-lowest makes an environment of its own, LOWEST, each time: with the
# lowest versions that setup.cfg promises.

VENV ?= .venv
PYTHON ?= python3
LOWEST ?= .lowest
DEMO ?= .demo
# One more than two cores: tests that start processes wait for them.
WORKERS ?= 3
BIN := $(VENV)/bin

export TF_CPP_MIN_LOG_LEVEL ?= 3

.PHONY: demo test test-lowest lint bench study study-quick study-check clean

demo: $(VENV)/.base
	$(BIN)/python -m pose_tf.cli.demo --workdir $(DEMO)
	$(BIN)/python -m pose_tf.terminal docs/without_pose_tf.py \
	    $(DEMO)/classifier/saved_model $(DEMO)/generator/saved_model \
	    $(DEMO)/clip.npz

# Workers outnumber cores: more threads each would only wait for each other.
test: export TF_NUM_INTRAOP_THREADS = 1
test: $(VENV)/.test
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile \
	    --durations=25

test-lowest:
	rm -rf $(LOWEST)
	$(MAKE) VENV=$(LOWEST) $(LOWEST)/bin/python
	$(LOWEST)/bin/python tests/support/lowest_bounds.py > \
	    $(LOWEST)/constraints.txt
	$(LOWEST)/bin/python -m pip install --quiet -e . \
	    -c $(LOWEST)/constraints.txt
	$(LOWEST)/bin/python -m tests.support.lowest_process $(LOWEST)

lint: $(VENV)/.lint
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports --config setup.cfg
	$(BIN)/mypy pose_tf studies

bench: $(VENV)/.bench
	$(BIN)/python -m benchmarks

study: $(VENV)/.study
	$(BIN)/python -m studies $(STUDY)

study-quick: $(VENV)/.base
	$(BIN)/python -m studies --quick $(STUDY)

study-check: $(VENV)/.study
	$(BIN)/python -m studies check $(STUDY)

clean:
	rm -rf $(VENV) $(LOWEST) $(DEMO) build dist *.egg-info

# pip is upgraded: that of Python 3.10 finds no end among TFDS's requirements.
$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10))' || \
	    { echo "pose_tf needs Python 3.10 or newer; name one: make PYTHON=python3.11"; exit 2; }
	$(PYTHON) -m venv $(VENV)
	$(VENV)/bin/python -m pip install --quiet --upgrade pip

$(VENV)/.base: $(BIN)/python setup.cfg
	$(BIN)/python -m pip install --quiet -e .
	@touch $@

$(VENV)/.test $(VENV)/.lint $(VENV)/.bench $(VENV)/.study: $(VENV)/.%: $(VENV)/.base
	$(BIN)/python -m pip install --quiet -e '.[$*]'
	@touch $@
