"""Become another program that dies with its parent, as an ordinary user where asked.

Run as a script of its own (`python -I -S launch.py PARENT SIGNAL USER command …`), because nothing may run between
fork and exec in a process that has threads. It keeps the process id: it replaces itself.
"""

import ctypes
import os
import pwd
import sys

_PR_SET_PDEATHSIG = 1


def main() -> None:
    parent, death_signal, user, *command = sys.argv[1:]
    if user:
        entry = pwd.getpwnam(user)
        os.initgroups(user, entry.pw_gid)
        os.setgid(entry.pw_gid)
        os.setuid(entry.pw_uid)
    # After the change of user, which would forget it. Elsewhere than on Linux the next start clears what was left.
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, int(death_signal))
    if os.getppid() != int(parent):
        sys.exit("The parent has ended before its child began.")
    os.execvp(command[0], command)  # noqa: S606  (this is the point of the script)


if __name__ == "__main__":
    main()
