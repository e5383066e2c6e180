"""What goes wrong on purpose: chosen at the start or at run time, the same with every run, and in the log
when it has really been delivered.

    fault   what may be asked for, as data
    frame   one book or level3 frame, read and changed as text
    watches what stands at a connection and touches the frames that pass
    books   the table of the kinds that books have
    desk    which faults are set, and the filter that each connection gets

A fault of another sort (of connections, of REST) is another table of kinds, and another place that asks the
desk for it. Of the client nothing is imported, of the sandbox neither sockets nor sessions.
"""

from krakencli.sandbox.faults.fault import Fault

__all__ = ["Fault"]
