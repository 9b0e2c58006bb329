# SPDX-License-Identifier: GPL-3.0-or-later
"""Traffic between two sites through the gateway, and its own addresses inside the tunnels."""
import site_pair


def scenario_route_based(make):
    site_pair.route_based(make)


def scenario_policy_based(make):
    site_pair.policy_based(make)


def scenario_accounts_are_apart(make):
    site_pair.accounts(make)


def scenario_same_networks_of_two_accounts(make):
    site_pair.overlap(make)
