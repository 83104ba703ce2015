"""The social map: what there is in the city, for whom, where, when and at what price.

Pure values and functions; only `knowledge.exchange` touches files. Imports nothing else of ours.
"""
