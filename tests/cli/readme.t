# What the README says is true.  SPDX-License-Identifier: GPL-3.0-or-later

== its configurations, commands and table
$ $TESTS/readme.py
5 configurations, 13 commands, 14 rows of the table
