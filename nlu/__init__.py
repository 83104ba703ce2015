"""Understanding what residents type.

The conversation imports the result types (`nlu.types`) only; the shell makes one
`nlu.understand.Understander` and asks it what a text means.
"""
