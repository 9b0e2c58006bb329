# SPDX-License-Identifier: GPL-3.0-or-later
"""Bandwidth caps in front of kernel ESP, of tests/netns/scenario_shape.py; lower ones, more patient and less
exact, as this machine is slow and stands still now and then."""
import scenario_shape as shape

KERNEL = {"options": ("--dataplane", "xfrm"), "esp_plugin": ""}


def scenario_cap_is_exact(make):
    shape.exact(make, (3, 6), warm_s=5, streams=6, within=0.2, **KERNEL)


def scenario_change_under_traffic(make):
    _, gw, peer = shape.unharmed(make, kbps=500, **KERNEL)
    gw.stop()
    peer.stop()
