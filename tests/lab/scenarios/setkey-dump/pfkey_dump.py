# SPDX-License-Identifier: Apache-2.0
# pfkey_dump.py sas|policies: what setkey -D and -DP would print, made from what the kernel's PF_KEY tells (RFC 2367), so
# that the dumps over netlink can be held against it.
import os
import socket
import struct
import sys
import time

AF_KEY, PF_KEY_V2 = 15, 2
SADB_DUMP, SADB_X_SPDDUMP = 10, 18
(SA, LIFETIME_CURRENT, LIFETIME_HARD, LIFETIME_SOFT, ADDRESS_SRC, ADDRESS_DST, KEY_AUTH, KEY_ENCRYPT, POLICY, SA2, NAT_T_TYPE,
 NAT_T_SPORT, NAT_T_DPORT) = (1, 2, 3, 4, 5, 6, 8, 9, 18, 19, 20, 21, 22)

SATYPES = {2: 'ah', 3: 'esp', 9: 'ipcomp'}
MODES = {0: 'any', 1: 'transport', 2: 'tunnel'}
STATES = ['larval', 'mature', 'dying', 'dead']
AUTHENTICATION = {0: 'none', 2: 'hmac-md5', 3: 'hmac-sha1', 5: 'hmac-sha256', 6: 'hmac-sha384', 7: 'hmac-sha512',
                  8: 'hmac-ripemd160', 9: 'aes-xcbc-mac', 251: 'null'}
ENCRYPTION = {0: 'none', 2: 'des-cbc', 3: '3des-cbc', 6: 'cast128-cbc', 7: 'blowfish-cbc', 11: 'null', 12: 'aes-cbc',
              13: 'aes-ctr', 22: 'camellia-cbc', 253: 'twofish-cbc'}
COMPRESSION = {0: 'none', 1: 'oui', 2: 'deflate', 3: 'lzs'}
DIRECTIONS = ['any', 'in', 'out', 'fwd', 'in(socket)', 'out(socket)']
LEVELS = ['default', 'use', 'require', 'unique']
REQUESTS = {50: 'esp', 51: 'ah', 108: 'ipcomp'}


def protocol_names():
    names = {}
    with open('/etc/protocols', encoding='ascii') as lines:
        for line in lines:
            words = line.split('#')[0].split()
            if len(words) >= 2:
                names.setdefault(int(words[1]), words[0])
    return names


def messages(kind):
    key = socket.socket(AF_KEY, socket.SOCK_RAW, PF_KEY_V2)
    key.settimeout(5)
    key.send(struct.pack('=BBBBHHII', PF_KEY_V2, kind, 0, 0, 2, 0, 0, os.getpid()))
    while True:
        octets = key.recv(65536)
        _, kind_read, error, satype, _, reserved, sequence, pid = struct.unpack('=BBBBHHII', octets[:16])
        if kind_read != kind or pid != os.getpid():
            continue
        if error != 0:
            return
        extensions, at = {}, 16
        while at < len(octets):
            words, extension = struct.unpack('=HH', octets[at:at + 4])
            extensions[extension] = octets[at:at + words * 8]
            at += words * 8
        yield satype, reserved, sequence, pid, extensions
        if sequence == 0:
            return


def sockaddr(octets):
    family = struct.unpack('=H', octets[:2])[0]
    port = struct.unpack('!H', octets[2:4])[0]
    if family == socket.AF_INET:
        return socket.inet_ntop(family, octets[4:8]), port, 32, 16
    return socket.inet_ntop(family, octets[8:24]), port, 128, 28


def moment(seconds):
    return time.ctime(seconds)[4:] if seconds else ' ' * 20


def lifetime(extension):
    return struct.unpack('=IQQQ', extension[4:32]) if extension else (0, 0, 0, 0)


def key_groups(extension):
    bits = struct.unpack('=H', extension[4:6])[0]
    text = ''
    for i, octet in enumerate(extension[8:8 + bits // 8]):
        text += ('\n' if i and i % 32 == 0 else '') + (' ' if i % 4 == 0 else '') + '%02x' % octet
    return text


def show_sa(satype, reserved, sequence, pid, extensions):
    spi, replay, state, authentication, encryption, flags = struct.unpack('!IBBBB', extensions[SA][4:12]) + struct.unpack(
        '=I', extensions[SA][12:16])
    mode, number, reqid = struct.unpack('=BxxxII', extensions[SA2][4:16])
    natt = NAT_T_TYPE in extensions and extensions[NAT_T_TYPE][4] != 0
    line = ''
    for end, port in ((ADDRESS_SRC, NAT_T_SPORT), (ADDRESS_DST, NAT_T_DPORT)):
        line += sockaddr(extensions[end][8:])[0]
        if natt:
            line += '[%d]' % struct.unpack('!H', extensions[port][4:6])
        line += ' '
    print(line)
    kind = SATYPES.get(satype, str(satype))
    kind = 'esp-udp' if natt and kind == 'esp' else 'natt+' + kind if natt else kind
    print('\t%s mode=%s spi=%u(0x%08x) reqid=%u(0x%08x)' % (kind, MODES.get(mode, str(mode)), spi, spi, reqid, reqid))
    if kind == 'ipcomp':
        print('\tC: %s ' % COMPRESSION[encryption], end='')
    elif satype == 3 and KEY_ENCRYPT in extensions:
        print('\tE: %s %s' % (ENCRYPTION[encryption], key_groups(extensions[KEY_ENCRYPT])))
    if KEY_AUTH in extensions:
        print('\tA: %s %s' % (AUTHENTICATION[authentication], key_groups(extensions[KEY_AUTH])))
    print('\tseq=0x%08x replay=%u flags=0x%08x state=%s ' % (number, replay, flags, STATES[state]))
    current, hard, soft = (lifetime(extensions.get(x)) for x in (LIFETIME_CURRENT, LIFETIME_HARD, LIFETIME_SOFT))
    now = int(time.time())
    print('\tcreated: %s\tcurrent: %s' % (moment(current[2]), moment(now)))
    print('\tdiff: %u(s)\thard: %u(s)\tsoft: %u(s)' % (now - current[2], hard[2], soft[2]))
    print('\tlast: %s\thard: %u(s)\tsoft: %u(s)' % (moment(current[3]), hard[3], soft[3]))
    print('\tcurrent: %u(bytes)\thard: %u(bytes)\tsoft: %u(bytes)' % (current[1], hard[1], soft[1]))
    print('\tallocated: %u\thard: %u\tsoft: %u' % (current[0], hard[0], soft[0]))
    print('\tsadb_seq=%u pid=%u refcnt=%u' % (sequence, pid, reserved))


def selector(extensions, names):
    source, destination = extensions[ADDRESS_SRC], extensions[ADDRESS_DST]
    protocol = source[4]
    line, ports = '', []
    for end in (source, destination):
        address, port, full, _ = sockaddr(end[8:])
        ports.append(port)
        line += address + ('' if end[5] == full else '/%u' % end[5])
        if protocol not in (1, 58, 135, 47):
            line += '[%u]' % port if port else '[any]'
        line += ' '
    line += names.get(protocol, str(protocol))
    if ports != [0, 0]:
        if protocol in (1, 58, 135):
            line += ' %u,%u' % tuple(ports)
        elif protocol == 47:
            line += ' %u' % ((ports[0] << 16) + ports[1])
    return line


def priority_words(priority):
    if priority == 0:
        return ''
    word, base = (('high', 0x40000000) if priority < 0x60000000 else
                  ('def', 0x80000000) if priority < 0xa0000000 else ('low', 0xc0000000))
    offset = base - priority
    return 'prio %s ' % word + ('' if offset == 0 else '%s %u ' % ('+' if offset > 0 else '-', abs(offset)))


def show_policy(_, reserved, sequence, pid, extensions, names):
    policy = extensions[POLICY]
    action, direction, index, priority = struct.unpack('=HBxII', policy[4:16])
    print('(per-socket policy) ' if index % 8 >= 3 else selector(extensions, names))
    print('\t%s %s%s' % (DIRECTIONS[direction], priority_words(priority), ['discard', 'none', 'ipsec'][action]))
    at = 16
    while at < len(policy) and action == 2:
        length, protocol, mode, level, reqid = struct.unpack('=HHBBxxI', policy[at:at + 12])
        ends = ''
        if length > 16:
            first = sockaddr(policy[at + 16:at + length])
            ends = '%s-%s' % (first[0], sockaddr(policy[at + 16 + first[3]:at + length])[0])
        suffix = '' if reqid == 0 else '%s%u' % ('#' if reqid > 0x3fff else ':', reqid)
        print('\t%s/%s/%s/%s%s' % (REQUESTS[protocol], MODES[mode], ends, LEVELS[level], suffix))
        at += length
    current, hard = lifetime(extensions.get(LIFETIME_CURRENT)), lifetime(extensions.get(LIFETIME_HARD))
    print('\tcreated: %s  lastused: %s' % (moment(current[2]), moment(current[3])))
    print('\tlifetime: %u(s) validtime: %u(s)' % (hard[2], hard[3]))
    print('\tspid=%u seq=%u pid=%u' % (index, sequence, pid))
    print('\trefcnt=%u' % reserved)


def main():
    if sys.argv[1] == 'sas':
        for message in messages(SADB_DUMP):
            show_sa(*message)
    else:
        names = protocol_names()
        for message in messages(SADB_X_SPDDUMP):
            show_policy(*message, names)


main()
