#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# stop PID: ends ikeshd.  For a restart the tunnels are left to the next process, otherwise the peers
# are told.
case $(systemctl list-jobs --no-legend --plain ikeshd.service 2>/dev/null) in
*restart*) kill -USR2 "$1" ;;
*) kill -TERM "$1" ;;
esac
exec tail --pid="$1" -s 0.01 -f /dev/null
