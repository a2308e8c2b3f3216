"""Shared by every kind of test."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock
from hypothesis import HealthCheck, settings

from tests.e2e.world import World, end_nursery, make_pristine
from tests.support import scratch

settings.register_profile("syncd", deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True)
settings.load_profile("syncd")


def pytest_configure() -> None:
    scratch.begin()


def pytest_unconfigure() -> None:
    end_nursery()


@pytest.fixture(autouse=True)
def _log_as_it_was() -> Iterator[None]:
    """The engine's log is the process's: a test that gives it a place, or keeps it apart, does so for itself alone."""
    log = logging.getLogger("syncd")
    handlers, propagate, level = log.handlers[:], log.propagate, log.level
    yield
    for handler in log.handlers:
        if handler not in handlers and isinstance(handler, logging.FileHandler):
            handler.close()
    log.handlers, log.propagate = handlers, propagate
    log.setLevel(level)


@pytest.fixture(scope="session")
def pristine(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """A cabinet with one client whose tree is in place on both sides, made once and copied for each test."""
    shared = tmp_path_factory.getbasetemp().parent if worker_id != "master" else tmp_path_factory.getbasetemp()
    base = shared / "pristine"
    with FileLock(shared / "pristine.lock"):  # the first worker makes it
        if not (base / "done").exists():
            make_pristine(base)
            (base / "done").touch()
    return base / "world"


@pytest.fixture
def make_world(tmp_path: Path, pristine: Path) -> Iterator[Callable[..., World]]:
    made: list[World] = []

    def make(**options: Any) -> World:
        made.append(World(tmp_path, pristine, **options))
        return made[-1]

    yield make
    for world in made:
        world.close()


@pytest.fixture
def world(make_world: Callable[..., World]) -> World:
    """A cabinet with one client whose tree is in place on both sides."""
    return make_world()
