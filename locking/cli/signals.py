"""What ends a command early: Ctrl-C, and SIGTERM, which does the same.

`timeout`, a batch system and a container send SIGTERM; what is known by then is printed too.
"""

import signal


def stop_at_sigterm() -> None:
    """Let SIGTERM raise `KeyboardInterrupt`, unless whoever started the process has it ignored."""
    if signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
        signal.signal(signal.SIGTERM, signal.default_int_handler)


def ignore_signals() -> None:
    """Let neither Ctrl-C nor SIGTERM do anything any more. Python keeps that to its own end."""
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, signal.SIG_IGN)
