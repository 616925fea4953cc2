"""What benchmarks, training and tests share: readers of the corpora, scores, judged pairs, test servers.

Nothing in `etl` imports this package.
"""
