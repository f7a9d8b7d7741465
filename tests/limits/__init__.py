"""Tests of how fast calls go out. None of them waits: time is virtual."""
