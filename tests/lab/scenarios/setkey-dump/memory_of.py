# SPDX-License-Identifier: Apache-2.0
# memory_of.py COMMAND…: runs it, and tells its largest resident set in KiB and its time in milliseconds on standard error.
import os
import sys
import time

start = time.monotonic()
process = os.spawnvp(os.P_NOWAIT, sys.argv[1], sys.argv[1:])
_, status, usage = os.wait4(process, 0)
print(usage.ru_maxrss, round((time.monotonic() - start) * 1000), file=sys.stderr)
sys.exit(os.waitstatus_to_exitcode(status))
