"""Tests of etl/models."""
