# make demo: a virtual environment, Taojin in it, and the main job over the bundled documents
# make test: the same environment with the extras, and the whole test suite

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
PYTEST ?= -n 2

.PHONY: demo test lint clean

demo: $(VENV)/.base
	$(BIN)/taojin run

test: $(VENV)/.extras
	$(BIN)/pytest $(PYTEST)

lint: $(VENV)/.extras
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports

$(VENV)/.base: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --editable .
	touch $@

# A plain `torch` would bring several GB of CUDA packages; a version that is there already serves.
$(VENV)/.extras: $(VENV)/.base
	$(BIN)/python -c "import torch" 2>/dev/null || $(BIN)/pip install --quiet torch==2.13.0
	$(BIN)/pip install --quiet --editable '.[train,test]'
	touch $@

clean:
	rm -rf $(VENV) build dist *.egg-info runs
