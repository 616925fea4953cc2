"""Measuring the pipeline: corpora, scores and judged pairs, for benchmarks, training and tests; never used by etl."""
