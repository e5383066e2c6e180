"""A shell with job control, as small as it can be: runs one job on its terminal, reports what becomes of it.

Started as the leader of a session whose terminal is its stdin. Takes orders (`fg`, `bg`, `read`, `wait`,
`kill SIGNAL`) as lines on one descriptor and writes one JSON object for each event on another.
"""

import fcntl
import json
import os
import signal
import subprocess
import sys
import termios
from typing import IO, Any


class Shell:
    def __init__(self, orders: int, reports: int, command: list[str], descriptors: list[int]) -> None:
        self.orders: IO[str] = os.fdopen(orders)
        self.reports: IO[str] = os.fdopen(reports, "w")
        fcntl.ioctl(0, termios.TIOCSCTTY, 0)
        signal.signal(signal.SIGTTOU, signal.SIG_IGN)
        self.report("ready")
        in_front = self.orders.readline().strip() == "fg"
        self.job = subprocess.Popen(command, process_group=0, pass_fds=descriptors)
        self.give_terminal_to(self.job.pid if in_front else os.getpgrp())
        self.report("started", job=self.job.pid)

    def report(self, event: str, **more: Any) -> None:
        print(
            json.dumps({"event": event, "mode": repr(termios.tcgetattr(0)), **more}),
            file=self.reports,
            flush=True,
        )

    def give_terminal_to(self, group: int) -> None:
        os.tcsetpgrp(0, group)

    def obey(self, order: str) -> bool:
        """Whether the job may now come to its end or to a stop, which is to be waited for."""
        if order.startswith("kill "):
            os.kill(self.job.pid, getattr(signal, order.removeprefix("kill ")))
        elif order == "read":
            self.report("read", line=os.read(0, 4096).decode())
        elif order in ("fg", "bg"):
            self.give_terminal_to(self.job.pid if order == "fg" else os.getpgrp())
            os.killpg(self.job.pid, signal.SIGCONT)
        return order == "wait"

    def run(self) -> None:
        for line in self.orders:
            if self.obey(line.strip()) and not self.wait():
                return

    def wait(self) -> bool:
        """Waits for the next change of the job; whether it still lives."""
        _, status = os.waitpid(self.job.pid, os.WUNTRACED)
        stopped = os.WIFSTOPPED(status)
        self.give_terminal_to(os.getpgrp())
        self.report(
            "stopped" if stopped else "exited", status=None if stopped else os.waitstatus_to_exitcode(status)
        )
        return stopped


if __name__ == "__main__":
    orders, reports, ticks = map(int, sys.argv[1:4])
    Shell(orders, reports, [*sys.argv[4:], str(ticks)], [ticks]).run()
