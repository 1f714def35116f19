# SPDX-License-Identifier: Apache-2.0
# A socket with policies of its own for both directions, until the process is killed.
import signal
import socket
import struct

IP_XFRM_POLICY = 17


def passes_in_clear(direction):
    no_limit = struct.pack('=4Q4Q', *[2**64 - 1] * 4, *[0] * 4)
    selector = struct.pack('=16s16sHHHHHBBBxxxiI', b'', b'', 0, 0, 0, 0, socket.AF_INET, 0, 0, 0, 0, 0)
    return selector + no_limit + bytes(32) + struct.pack('=IIBBBBxxxx', 0, 0, direction, 0, 0, 0)


ike = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
for each in (0, 1):
    ike.setsockopt(socket.IPPROTO_IP, IP_XFRM_POLICY, passes_in_clear(each))
print('ready', flush=True)
signal.pause()
