#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""tech.py: `show tech-support` of this appliance holds what it should, and none of the secrets that
startup-config and running-config have, as text, in hexadecimal, encrypted or hashed.  Prints what is wrong,
then how many secrets were looked for."""
import re
import subprocess

TEXTS = ["correct-horse-battery-staple", "a key | with # signs", "00ff10c3a90a0d2200112233445566778899",
         "operators-secret-text", "YS1zZWNyZXQtb2YtYS1uYW1lLXNlcnZlcg==", "a-secret-of-a-name-server", "a-postquantum-key-of-36-characters-1",
         "bZ4EUh3hkHsjVZDSVfJqzkzGmkTrSNi1YNGr0MfFWYs"]
EXPECTED = ["show version", "show running-config redacted", "show startup-config", "show ipsec connection-status detail",
            "show ipsec sa", "show ipsec statistics", "show logging", "show users", "show clock", "show debugging"]


def ikesh(*commands):
    argv = [x for c in commands for x in ("-c", c)]
    return subprocess.run(["ikesh", *argv], capture_output=True, text=True, timeout=120, check=True).stdout


def main():
    text = ikesh("show tech-support")
    for heading in EXPECTED:
        part = re.search(rf"-{{18}} {re.escape(heading)} -{{18}}\n\n(.*?)(?=\n-{{18}} |\Z)", text, re.S)
        if not part or not part.group(1).strip() or part.group(1).startswith("%"):
            print(f"{heading}: {part and part.group(1)[:200]}")
    for needed in ("Lyon", "Metz", "203.0.113.201", "IKE_SA_INIT request 0", "Linux"):
        if needed not in text:
            print("lacks", needed)
    if re.search(r"^% ", text, re.M):
        print("refused:", re.findall(r"^% .*", text, re.M))
    forms = re.findall(r" (?:psk 6|key 6|hmac-sha256 6|secret \d) (\S+)", ikesh("show running-config", "show startup-config"))
    for secret in TEXTS + [t.encode().hex() for t in TEXTS] + forms:
        if secret in text:
            line = next(x for x in text.splitlines() if secret in x)
            print("holds", secret, "in", line)
    print(f"secrets in force: {len(TEXTS)}, in another form: {len(set(forms))}")


main()
