"""The tables of a store, and how those of an earlier version become the present ones."""

from __future__ import annotations

import sqlite3

VERSION = 2

_PROPOSAL = """
CREATE TABLE proposal (
  batch INTEGER NOT NULL, mutation TEXT NOT NULL, outcome TEXT NOT NULL, count INTEGER NOT NULL,
  PRIMARY KEY (batch, mutation, outcome));
"""

SCHEMA = f"""
CREATE TABLE schema_version (version INTEGER NOT NULL);
CREATE TABLE run (config TEXT NOT NULL, versions TEXT NOT NULL, started REAL NOT NULL);
CREATE TABLE batch (
  id INTEGER PRIMARY KEY, proposed INTEGER NOT NULL, duplicates INTEGER NOT NULL,
  not_finite INTEGER NOT NULL, no_descent INTEGER NOT NULL, seconds REAL NOT NULL);
CREATE TABLE candidate (
  id INTEGER PRIMARY KEY, batch INTEGER NOT NULL, text TEXT NOT NULL, key TEXT NOT NULL,
  structure TEXT NOT NULL, behaviour TEXT NOT NULL, length INTEGER NOT NULL,
  state_bytes REAL NOT NULL, parents TEXT NOT NULL, mutation TEXT NOT NULL,
  generation INTEGER NOT NULL, multiplier REAL NOT NULL);
CREATE TABLE evaluation (
  batch INTEGER NOT NULL, slot INTEGER NOT NULL, candidate INTEGER NOT NULL, rung TEXT NOT NULL,
  task TEXT NOT NULL, status TEXT NOT NULL, speedup REAL NOT NULL, speedups TEXT NOT NULL,
  capped INTEGER NOT NULL, multiplier REAL NOT NULL, rates TEXT NOT NULL, seeds TEXT NOT NULL,
  train_losses TEXT NOT NULL, valid_losses TEXT NOT NULL, sweep TEXT NOT NULL,
  seconds REAL NOT NULL, worker TEXT NOT NULL, PRIMARY KEY (candidate, rung, task));
CREATE INDEX candidate_batch ON candidate (batch);
CREATE INDEX evaluation_batch ON evaluation (batch, slot);
CREATE TABLE exam (
  entry TEXT NOT NULL, program TEXT NOT NULL, part TEXT NOT NULL, task TEXT NOT NULL,
  status TEXT NOT NULL, speedup REAL NOT NULL, speedups TEXT NOT NULL, capped INTEGER NOT NULL,
  multiplier REAL NOT NULL, rates TEXT NOT NULL, seeds TEXT NOT NULL, train_losses TEXT NOT NULL,
  valid_losses TEXT NOT NULL, sweep TEXT NOT NULL, seconds REAL NOT NULL, worker TEXT NOT NULL);
{_PROPOSAL}CREATE TABLE event (time REAL NOT NULL, kind TEXT NOT NULL, detail TEXT NOT NULL);
"""

# What an earlier version lacks, by the version that brought it.
_STEPS = {2: _PROPOSAL}


def migrate(db: sqlite3.Connection) -> None:
    """Brings a store that is open for writing to the present version."""
    found = db.execute("SELECT version FROM schema_version").fetchone()[0]
    for version in range(found + 1, VERSION + 1):
        db.executescript(
            f"BEGIN; {_STEPS[version]} UPDATE schema_version SET version = {version}; COMMIT;"
        )
