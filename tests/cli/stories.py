#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Puts two stories of 2026-11-20 and -21 (UTC) into the file that the appliance has made."""
import sqlite3
import sys

db = sqlite3.connect(sys.argv[1])
DAY = 1795219200000  # 2026-11-21 00:00 UTC, by date(1)


def at(hours, minutes, seconds, day=0):
    return DAY + day * 86400000 + ((hours * 60 + minutes) * 60 + seconds) * 1000


def story(number, *values):
    db.execute("INSERT INTO story VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)", (number,) + values)


story(17, "ha-switch", "Lyon", 0, "", at(9, 0, 0, -1), at(9, 0, 0, -1), at(9, 10, 0, -1), at(9, 10, 0, -1), "dead-peer",
      "dead-peer", "the primary role carries the traffic", 1, 0, "")
story(18, "link-down", "Lyon", 2, "vdsl", at(14, 0, 2), at(14, 2, 32), at(14, 2, 32), 0, "auth-failed",
      "psk-mismatch", "", 2, 0, "")
for n, (story_id, number, when, text) in enumerate((
        (17, 1, at(9, 0, 0, -1), "Lyon moved from primary to secondary, all primary tunnels down"),
        (18, 1, at(14, 0, 2), "Lyon primary 2 (vdsl) is down, reason dead-peer"),
        (18, 2, at(14, 0, 40), "Lyon primary 2 (vdsl) could not come up, reason auth-failed"))):
    db.execute("INSERT INTO note VALUES(?,?,?,?)", (story_id, number, when, text))
db.commit()
db.close()
