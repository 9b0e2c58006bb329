# SPDX-License-Identifier: GPL-3.0-or-later
"""Packets that are too long for a tunnel of kernel ESP, of tests/netns/scenario_esp.py."""
import importlib.util
import os

PATH = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "netns", "scenario_esp.py")
spec = importlib.util.spec_from_file_location("netns_esp", PATH)
esp = importlib.util.module_from_spec(spec)
spec.loader.exec_module(esp)


def scenario_path_mtu(make):
    esp.path_mtu(make, "always", "xfrm")


def scenario_path_mtu_raw(make):
    esp.path_mtu(make, "nat-only", "xfrm")


def scenario_df_bit(make):
    esp.df_bit(make, "xfrm")
