#!/usr/bin/env python3
"""What a signature costs in programs of others: with SoftHSM loaded by themselves, and through signet, in paired rounds
of whole processes. Run it by scripts/bench --clients."""

import argparse
import json
import os
import statistics
import subprocess
import sys
import time

from mail_rig import ADDRESS, MailRig
from rig import PIN, TOKEN, RigError, run

GOAL = 1.1  # of direct, RSA-2048


class Client:
    """A command for each route; setting up belongs to no measurement."""

    def __init__(self, rig):
        self.rig = rig

    def environment(self, route):
        return route.environment

    def prepare(self, route):
        pass

    def finish(self, route):
        pass


class Cmsutil(Client):
    name = "cmsutil"

    def prepare(self, route):
        database = self.database(route)
        run(["certutil", "-N", "-d", database, "--empty-password"], route.environment)
        run(["modutil", "-force", "-dbdir", database, "-add", "token", "-libfile", route.module], route.environment)
        run(["certutil", "-A", "-d", database, "-n", "root", "-t", ",C,", "-i", self.rig.path("ca.pem")],
            route.environment)  # fmt: skip

    def database(self, route):
        folder = self.rig.folder / f"nss-{route.name}"
        folder.mkdir(exist_ok=True)
        return f"sql:{folder}"

    def command(self, route):
        self.rig.write("nss-pin", f"{TOKEN}:{PIN}\n")
        pin = ["-f", self.rig.path("nss-pin")] if route.pin_file else []
        return ["cmsutil", "-S", "-d", self.database(route), *pin, "-N", f"{TOKEN}:alice", "-G", "-Y", "NONE", "-i",
                self.rig.path("small.eml"), "-o", "/dev/null"]  # fmt: skip


class Engine(Client):
    name = "openssl cms"

    def environment(self, route):
        return route.environment | {"PKCS11_MODULE_PATH": route.module}

    def command(self, route):
        pin = f";pin-value={PIN}" if route.pin_file else ""
        return ["openssl", "cms", "-sign", "-engine", "pkcs11", "-keyform", "engine", "-inkey",
                f"pkcs11:token={TOKEN};object=alice;type=private{pin}", "-signer", self.rig.path("alice.pem"), "-in",
                self.rig.path("small.eml"), "-out", "/dev/null"]  # fmt: skip


class Gpgsm(Client):
    """With gnupg-pkcs11-scd, which stays, and remembers the PIN that it gets with the first signature."""

    name = "gpgsm"

    def environment(self, route):
        return route.environment | {"GNUPGHOME": self.home(route)}

    def home(self, route):
        return self.rig.path(f"gnupg-{route.name}")

    def prepare(self, route):
        os.mkdir(self.home(route), 0o700)
        home = f"gnupg-{route.name}"
        protected = "" if route.pin_file else "provider-token-allow-protected-auth\n"
        self.rig.write(f"{home}/gnupg-pkcs11-scd.conf",
                       f"providers token\nprovider-token-library {route.module}\n{protected}")  # fmt: skip
        self.rig.write(f"{home}/gpg-agent.conf",
                       "allow-loopback-pinentry\nscdaemon-program /usr/bin/gnupg-pkcs11-scd\n")  # fmt: skip
        self.rig.write(f"{home}/gpgsm.conf", "disable-crl-checks\ndisable-dirmngr\n")
        self.rig.write(f"{home}/trustlist.txt", f"{self.rig.root_fingerprint()} S relax\n")
        environment = self.environment(route)
        run(["gpgsm", "--batch", "--import", self.rig.path("ca.pem")], environment)
        run(["gpgconf", "--kill", "all"], environment)
        run(["gpgsm", "--batch", "--learn-card"], environment)

    def finish(self, route):
        run(["gpgconf", "--kill", "all"], self.environment(route))

    def command(self, _route):
        return ["gpgsm", "--batch", "--yes", "-q", "--pinentry-mode", "loopback", "--passphrase-fd", "0",
                "--detach-sign", "-u", ADDRESS, "-o", "/dev/null", self.rig.path("small.eml")]  # fmt: skip


def say(text):
    print(text, file=sys.stderr, flush=True)


def execute(client, route, pin_path):
    with open(pin_path, "rb") as pin:
        begin = time.monotonic()
        result = subprocess.run(client.command(route), env=client.environment(route), stdin=pin, capture_output=True,
                                timeout=60, check=False)  # fmt: skip
        seconds = time.monotonic() - begin
    if result.returncode != 0:
        raise RigError(f"{client.name}, {route.name}: {result.stderr.decode(errors='replace').strip()}")
    return seconds


def compare(client, routes, rounds, pin_path):
    """The routes take turns, so that both see the same noise. The first round only warms up."""
    times = {route.name: [] for route in routes}
    for number in range(rounds + 1):
        for route in routes:
            seconds = execute(client, route, pin_path)
            if number > 0:
                times[route.name].append(seconds)
    ratios = [mine / direct for mine, direct in zip(times["signet"], times["direct"])]
    medians = {name: statistics.median(own) for name, own in times.items()}
    return {"seconds": medians, "ratio": statistics.median(ratios), "goal": GOAL}


def measure(rig, rounds):
    say("making keys ...")
    rig.make_identity()
    rig.give_to_token()
    rig.make_mail("small.eml", 10 << 10)
    signet, agent = rig.signet()
    routes = (rig.direct(), signet)
    report = {}
    for client in (Cmsutil(rig), Engine(rig), Gpgsm(rig)):
        say(f"{client.name} ...")
        for route in routes:
            client.prepare(route)
        try:
            report[client.name] = compare(client, routes, rounds, rig.path("pin"))
        finally:
            for route in routes:
                client.finish(route)
    agent.stop()
    return report


def print_report(report):
    print("One signature, RSA-2048; whole processes, medians, ratios paired")
    for name, case in report.items():
        seconds = case["seconds"]
        verdict = "met" if case["ratio"] <= case["goal"] else "MISSED"
        print(f"  {name:<14}{seconds['direct'] * 1000:8.1f} ms direct{seconds['signet'] * 1000:8.1f} ms signet"
              f"{case['ratio']:8.2f} of direct, goal <= {case['goal']}: {verdict}")  # fmt: skip


def parse(arguments):
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", required=True, help="folder of the release build")
    parser.add_argument("--quick", action="store_true", help="fewer rounds")
    parser.add_argument("--json", action="store_true", help="print the numbers as JSON instead of a table")
    return parser.parse_args(arguments)


def main(arguments):
    options = parse(arguments)
    try:
        with MailRig(options.build) as rig:
            report = measure(rig, 30 if options.quick else 150)
    except (RigError, OSError, subprocess.TimeoutExpired) as error:
        say(f"clients.py: {error}")
        return 1
    if options.json:
        print(json.dumps(report, indent=2))
    else:
        print(f"{os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}\n")
        print_report(report)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
