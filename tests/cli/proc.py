"""What the kernel says of a process that runs."""

import os
from pathlib import Path

import pytest

listed = pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="only Linux tells it, in /proc")


def resident(pid: int) -> float:
    """MiB of memory that it holds."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) / 1024


def descriptors(pid: int) -> int:
    """How many files, pipes and sockets it has open."""
    return len(os.listdir(f"/proc/{pid}/fd"))


def threads(pid: int) -> int:
    return len(os.listdir(f"/proc/{pid}/task"))
