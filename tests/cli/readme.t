# What the README says is true.  SPDX-License-Identifier: GPL-3.0-or-later

== its configurations, commands and table
$ $TESTS/readme.py
6 configurations, 15 commands, 14 rows of the table
