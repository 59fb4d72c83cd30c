#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Turns cases.json (bytes and required outcomes of hostile BGP input) into cases.txt, which
tests/unit/codec_hostile.c reads: only what a codec alone can answer. Runs of an octet are written
as HH*COUNT.

    convert.py cases.json > cases.txt
"""
import itertools
import json
import sys

GROUPS = {'header', 'open', 'update-attr', 'update-mp', 'update-frame', 'update-as4', 'update-msg',
          'nlri', 'extended-message', 'route-refresh'}
# They need a byte stream or a table with a memory.
LEFT_OUT = {'hdr-ten-bytes-then-fin', 'rr-borr-eorr-purges-stale'}


def squeeze(text):
    words = []
    for octet, run in itertools.groupby(bytes.fromhex(text)):
        n = len(list(run))
        if n >= 16:
            words.append('%02x*%d' % (octet, n))
        elif words and '*' not in words[-1]:
            words[-1] += '%02x' % octet * n
        else:
            words.append('%02x' % octet * n)
    return ' '.join(words)


def outcome(expect):
    yield 'accept ' + expect['session']
    if expect['session'] == 'down':
        for code, subcode in expect.get('notification') or []:
            yield 'notify %d %d' % (code, -1 if subcode is None else subcode)
        if expect.get('notification_data'):
            yield 'data ' + expect['notification_data']
    for key in ('present', 'absent'):
        for prefix in expect.get(key) or []:
            yield key + ' ' + prefix
    for prefix, via in (expect.get('via') or {}).items():
        for key in ('has', 'lacks'):
            for code in via.get(key, []):
                yield 'via %s %s %d' % (prefix, key, code)
        for code, flags in via.get('flags', {}).items():
            yield 'via %s flags %s %d' % (prefix, code, int(flags, 16))
        for key in ('as_path_contains', 'as_path_lacks'):
            if key in via:
                yield 'via %s %s %d' % (prefix, key, via[key])


def main():
    for case in json.load(open(sys.argv[1]))['cases']:
        setup, expect = case['setup'], case['expect']
        if case['group'] not in GROUPS or case['name'] in LEFT_OUT:
            continue
        print('case', case['name'])
        print('traits', 'as2' if setup.get('no_as4') else 'as4',
              65535 if setup.get('requires_cap') == 6 else 4096)
        for message in setup.get('pre', []) + case['messages'][:4]:
            print('msg', squeeze(message))
        for one in [expect] + expect.get('alternatives', []):
            for line in outcome(one):
                print(line)
        print('end')


main()
