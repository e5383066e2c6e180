"""From a record to what leaves the program: one module per format, imported by name when it is asked for.

Nothing here opens, flushes or reads a stream; only the live table owns the terminal while it is shown.
"""
