# SegMo Studio. `make studio` and `make test` each take a fresh Debian or Ubuntu with Python 3.11 or newer all the
# way: system packages, virtual environment, then the program or the tests. A second run skips what is in place.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c

# The first Python that is new enough; `make PYTHON=/path/to/python3.12` takes another.
PYTHON ?= $(shell for python in python3 python3.14 python3.13 python3.12 python3.11; do \
	"$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo "$$python" && break; done)
VENV := .venv
IN_VENV := $(VENV)/bin
INTEROP := tests/interop

# Rendering without a screen: VTK draws through EGL, Qt draws into memory.
OFFSCREEN := VTK_DEFAULT_OPENGL_WINDOW=vtkEGLRenderWindow QT_QPA_PLATFORM=offscreen
# Tests open real windows, on a virtual screen of their own.
VIRTUAL_SCREEN := VTK_DEFAULT_OPENGL_WINDOW=vtkEGLRenderWindow QT_QPA_PLATFORM=xcb \
	xvfb-run -a -s "-screen 0 1600x1000x24"
PYTEST := $(VIRTUAL_SCREEN) $(IN_VENV)/python -m pytest
# The two halves of the tests run side by side, each on a screen of its own: looking for a free one at the same time,
# both would take the same.
PYTEST_STUDIO := $(PYTEST) tests/studio
PYTEST_ENGINE := $(subst xvfb-run -a,xvfb-run -a -n 300,$(PYTEST)) --ignore=tests/studio

FIRST_PROMPT := a person walks forward, then waves with the right hand
FIRST_MOTION := out/first-motion

.PHONY: help studio first-motion setup test test-engine test-studio test-all interop fuzz docs addon check format clean

help:
	@echo "make studio    set everything up and open the Studio (without a display: make a first motion)"
	@echo "make test      set everything up and run all checks and tests (CI runs this)"
	@echo "make test-all  the same with the slow tests, and other programs reading our files"
	@echo "make interop   every format, rate and naming read by every program here (half an hour); a table"
	@echo "make fuzz      damaged files for every reader, FUZZ_SECONDS (600) each: three hours unless shortened"
	@echo "make docs      the documentation site, into out/site"
	@echo "make addon     the add-on for Blender as out/segmo_bridge.zip"
	@echo "make setup     only set up"
	@echo "make check     lint, format, types and import rules only"
	@echo "make format    put the code into the project's format"
	@echo "make clean     remove the virtual environment and all caches (out/ and runs/ stay)"

studio: setup
	@if [ -n "$${DISPLAY:-}$${WAYLAND_DISPLAY:-}" ]; then \
		exec $(IN_VENV)/segmo-studio; \
	else \
		$(MAKE) --no-print-directory first-motion; \
	fi

first-motion: setup
	@mkdir -p out
	$(IN_VENV)/segmo generate "$(FIRST_PROMPT)" --seed 1 -o $(FIRST_MOTION).bvh -o $(FIRST_MOTION).npz
	$(OFFSCREEN) $(IN_VENV)/segmo-studio frame-strip $(FIRST_MOTION).npz $(FIRST_MOTION).png
	@echo
	@echo "There is no display here, so the Studio's main job was done without its window:"
	@echo "  $(FIRST_MOTION).bvh   the motion, for Blender and others (File > Import > Motion Capture)"
	@echo "  $(FIRST_MOTION).npz   the motion with its segments, for the Studio"
	@echo "  $(FIRST_MOTION).png   a picture of it"
	@echo "To open the window: run 'make studio' on a desktop, or on a virtual screen:"
	@echo "  xvfb-run -a -s '-screen 0 1600x1000x24' $(IN_VENV)/segmo-studio"

setup: $(VENV)/.installed

# The system is looked at when the environment is built, and again when the list of what it needs changes.
$(VENV)/.installed: pyproject.toml constraints.txt packaging/system_packages.sh packaging/install_packages.py
	@if [ -z "$(PYTHON)" ]; then \
		echo "No Python 3.11 or newer found. On Debian or Ubuntu: apt-get install python3 python3-venv" >&2; \
		exit 1; \
	fi
	@packaging/system_packages.sh "$(PYTHON)"
	@echo "Setting up $(VENV) (2 to 5 minutes the first time)"
	@[ -x $(IN_VENV)/python ] || "$(PYTHON)" -m venv $(VENV)
	@$(IN_VENV)/python packaging/install_packages.py studio,dev
	@touch $@

check: setup
	$(IN_VENV)/ruff check
	$(IN_VENV)/ruff format --check
	$(IN_VENV)/python packaging/check_types.py
	$(IN_VENV)/lint-imports

test: check
	@$(MAKE) --no-print-directory -j2 --output-sync=target test-engine test-studio

test-engine:
	$(PYTEST_ENGINE)

test-studio:
	$(PYTEST_STUDIO)

test-all: check $(INTEROP)/node_modules/.installed
	$(PYTEST) -m "slow or not slow" -rs

interop: setup $(INTEROP)/node_modules/.installed
	$(IN_VENV)/python $(INTEROP)/export_grid.py

$(INTEROP)/node_modules/.installed: $(INTEROP)/package.json
	@packaging/system_packages.sh "$(PYTHON)" interop
	@if command -v npm >/dev/null; then \
		(cd $(INTEROP) && npm install --no-package-lock --no-audit --no-fund --silent); \
		touch $@; \
	fi

# FUZZ_READERS="bvh,npz" takes some of the readers; files that show a fault are kept in out/fuzz.
fuzz: setup
	$(IN_VENV)/python -W ignore tests/fuzz/fuzz_reader.py

# The theme's advertisement is no warning of ours.
docs: $(VENV)/.docs-installed
	NO_MKDOCS_2_WARNING=1 $(IN_VENV)/mkdocs build --quiet
	@echo "Open out/site/index.html"

$(VENV)/.docs-installed: $(VENV)/.installed
	@$(IN_VENV)/python packaging/install_packages.py studio,dev,docs
	@touch $@

# For people who install the add-on without a Studio at hand; the Studio's bridge window saves the same file.
addon: setup
	@mkdir -p out
	$(IN_VENV)/python -c "from pathlib import Path; from segmo_studio.services.bridge import blender_addon as addon; \
		addon.save_addon(Path('out') / addon.ADDON_FILE)"
	@echo "out/segmo_bridge.zip: drop it onto Blender 4.2 or newer; older ones: Preferences > Add-ons > Install"

format: setup
	$(IN_VENV)/ruff check --fix
	$(IN_VENV)/ruff format

clean:
	rm -rf $(VENV) $(INTEROP)/node_modules *.egg-info .pytest_cache .mypy_cache .ruff_cache .import_linter_cache
	find segmo_core segmo_studio tests -name __pycache__ -type d -prune -exec rm -rf {} +
