"""Tests of the formats for people and spreadsheets."""
