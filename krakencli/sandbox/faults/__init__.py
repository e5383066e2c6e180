"""What goes wrong on purpose: chosen at the start or at run time, the same with every run, and in the log
when it has really been delivered.

    fault, terms   what may be asked for, as data, and what of it a kind has
    task           a fault that is set, with what has come of it
    watch          who carries one out at a connection
    speech         what must be understood of a protocol: v1_speech, v2_speech
    frame, watches one frame of a book, read and changed as text; who touches them as they pass
    desk, filter   which faults are set; what each connection gets of them

    books          wrong, missing or strange frames of books
    trades         trades that the socket loses, repeats or swaps while REST has them
    subscriptions  acknowledgements and refusals, what is late, never delivered, or ended unasked
    lines          connections that end or fall silent; the exchange's maintenance
    spoilt         frames that are no JSON, are cut, fragmented or huge
    private        tokens that end, answers and reports that are lost
    gate           handshakes that are refused
    calls          REST that is late, behind, lost or failing
    kinds          all these tables by name

A fault of another sort is another table of kinds, and perhaps another place that asks the desk for it. Of
the client nothing is imported, of the sandbox neither sockets nor sessions: how a connection is to end,
whether it is deaf, and which subscription the exchange ends, the faults say, and the server obeys.
"""

from krakencli.sandbox.faults.fault import Fault, UnfitFaultError

__all__ = ["Fault", "UnfitFaultError"]
