"""Tests of the tables: what a cell reads like, which rows there are, the terminal."""
