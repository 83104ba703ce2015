"""The Rasa project: its own Python 3.10 environment, its components and its small server."""
