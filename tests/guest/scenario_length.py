# SPDX-License-Identifier: GPL-3.0-or-later
"""Packets that are too long for a tunnel of kernel ESP, of tests/netns/scenario_esp.py."""
import scenario_esp as esp


def scenario_path_mtu(make):
    esp.path_mtu(make, "always", "xfrm")


def scenario_path_mtu_raw(make):
    esp.path_mtu(make, "nat-only", "xfrm")


def scenario_df_bit(make):
    esp.df_bit(make, "xfrm")
