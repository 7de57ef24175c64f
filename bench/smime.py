#!/usr/bin/env python3
"""Compares signet's S/MIME with openssl cms and gpgsm, in paired rounds of whole processes. Run it by scripts/bench."""

import filecmp
import json
import os
import statistics
import subprocess
import sys

from mail_rig import ADDRESS, MailRig
from rig import RigError, parser, report_measurement, say, verdict

# Goals: what was promised, and must hold on every machine.
WRITE_GOAL = 1.3  # of the faster peer
VERIFY_GOAL = 1.3  # of gpgsm, for bare CMS
MAIL_GOAL = 2.0  # of SHA-256 alone, for a whole mail
DECRYPT_GOAL = 0.5  # of the faster peer
SMALL_GOAL = 1.0  # of gpgsm, for a small mail
MEMORY_GOAL_KIB = 32 * 1024

SMALL_OCTETS = 10 << 10
HUGE_OCTETS = 1 << 30


class Case:
    """One job, and the program of each peer that does it. The goal is for signet's time as part of the faster of
    `against`, if there is one."""

    def __init__(self, name, commands, goal=None, against=()):
        self.name = name
        self.commands = commands
        self.goal = goal
        self.against = against


class Programs:
    """How each of the three is called for one file."""

    def __init__(self, rig):
        self.rig = rig

    def signet(self, command, source, target, *options):
        to = ["--out", target] if target else []
        return [f"{self.rig.build}/bin/signet", command, "--in", source, *to, *options]

    def openssl(self, operation, source, target, *options):
        return ["openssl", "cms", f"-{operation}", "-in", source, *(["-out", target] if target else []), *options]

    def gpgsm(self, *arguments):
        return ["gpgsm", "--batch", "--yes", "-q", *arguments]

    def write_bare(self, data):
        """Signing and encrypting a file, content detached."""
        path = self.rig.path
        key = ["-signer", path("alice.pem"), "-inkey", path("alice.key")]
        binary = ["-binary", "-outform", "DER"]
        sign = {
            "signet": self.signet("sign", data, path("signet.p7s"), "--cms", "--from", ADDRESS),
            "openssl": self.openssl("sign", data, path("openssl.p7s"), *binary, *key),
            "gpgsm": self.gpgsm("--detach-sign", "-u", ADDRESS, "-o", path("gpgsm.p7s"), data),
        }
        encrypt = {
            "signet": self.signet("encrypt", data, path("signet.p7m"), "--cms", "--no-self", "--cert", path("alice.pem")),
            "openssl": self.openssl("encrypt", data, path("openssl.p7m"), *binary, "-stream", "-aes-128-cbc", path("alice.pem")),
            "gpgsm": self.gpgsm("--cipher-algo", "AES", "--encrypt", "-r", ADDRESS, "-o", path("gpgsm.p7m"), data),
        }
        return sign, encrypt

    def read_bare(self, data):
        """Of what openssl wrote."""
        path = self.rig.path
        signature, encrypted = path("openssl.p7s"), path("openssl.p7m")
        anchor = ["-CAfile", path("ca.pem"), "-inform", "DER", "-binary"]
        verify = {
            "signet": self.signet("verify", signature, "", "--detached-content", data, "--ca", path("ca.pem")),
            "openssl": self.openssl("verify", signature, "/dev/null", *anchor, "-content", data),
            "gpgsm": self.gpgsm("--verify", signature, data),
        }
        key = ["-recip", path("alice.pem"), "-inkey", path("alice.key")]
        decrypt = {
            "signet": self.signet("decrypt", encrypted, path("signet.data"), "--cms"),
            "openssl": self.openssl("decrypt", encrypted, path("openssl.data"), "-inform", "DER", "-binary", *key),
            "gpgsm": self.gpgsm("--decrypt", "-o", path("gpgsm.data"), encrypted),
        }
        return verify, decrypt

    def mail(self, mail, name):
        """Sign, encrypt, verify, decrypt; signet reads what it wrote."""
        path = self.rig.path
        signed, encrypted, decrypted = (path(f"{name}.{kind}") for kind in ("signed", "encrypted", "decrypted"))
        return {
            "sign": self.signet("sign", mail, signed),
            "encrypt": self.signet("encrypt", mail, encrypted, "--no-self", "--cert", path("alice.pem")),
            "verify": self.signet("verify", signed, "", "--ca", path("ca.pem")),
            "decrypt": self.signet("decrypt", encrypted, decrypted),
        }


def large_cases(rig, size):
    path, programs = rig.path, Programs(rig)
    data, mail = path("data"), path("large.eml")
    rig.make_octets("data", size)
    rig.make_mail("large.eml", size)
    own = programs.mail(mail, "large")
    sign, encrypt = programs.write_bare(data)
    verify, decrypt = programs.read_bare(data)
    key = ["-signer", path("alice.pem"), "-inkey", path("alice.key")]
    openssl_key = ["-recip", path("alice.pem"), "-inkey", path("alice.key")]
    peers = ("openssl", "gpgsm")
    return [
        Case("sign file", sign, WRITE_GOAL, peers),
        Case("encrypt file", encrypt, WRITE_GOAL, peers),
        Case("verify file", verify, VERIFY_GOAL, ("gpgsm",)),
        Case("decrypt file", decrypt, DECRYPT_GOAL, peers),
        Case("sign mail", {"signet": own["sign"],
                           "openssl": programs.openssl("sign", mail, path("openssl.signed"), *key)},
             WRITE_GOAL, ("openssl",)),
        Case("encrypt mail", {"signet": own["encrypt"],
                              "openssl": programs.openssl("encrypt", mail, path("openssl.encrypted"), "-stream",
                                                          "-aes-128-cbc", path("alice.pem"))},
             WRITE_GOAL, ("openssl",)),
        Case("verify mail", {"signet": own["verify"], "sha256": ["openssl", "dgst", "-sha256", path("large.signed")]},
             MAIL_GOAL, ("sha256",)),
        Case("decrypt mail", {"signet": own["decrypt"],
                              "openssl": programs.openssl("decrypt", path("large.encrypted"), path("openssl.decrypted"),
                                                          *openssl_key)}, DECRYPT_GOAL, ("openssl",)),
    ]  # fmt: skip


def small_cases(rig):
    """As filters: to standard output."""
    path, programs = rig.path, Programs(rig)
    mail = path("small.eml")
    rig.make_mail("small.eml", SMALL_OCTETS)
    _, encrypt = programs.write_bare(mail)
    encrypted = path("small.encrypted")
    return [
        Case("sign 10 KB", {"signet": programs.signet("sign", mail, ""),
                            "gpgsm": programs.gpgsm("--detach-sign", "-u", ADDRESS, mail)}, SMALL_GOAL, ("gpgsm",)),
        # Gives the next case something to read.
        Case("encrypt 10 KB", {"openssl": encrypt["openssl"], "gpgsm": encrypt["gpgsm"],
                               "signet": programs.signet("encrypt", mail, encrypted, "--no-self", "--cert",
                                                         path("alice.pem"))}),
        Case("decrypt 10 KB", {"signet": programs.signet("decrypt", encrypted, ""),
                               "gpgsm": programs.gpgsm("--decrypt", path("openssl.p7m"))}, SMALL_GOAL, ("gpgsm",)),
    ]  # fmt: skip


def execute(rig, command):
    """Its time in seconds and its peak memory in KiB."""
    result = subprocess.run(
        [f"{rig.build}/bench/bench-process", *command],
        env=rig.environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
    )  # fmt: skip
    measured = json.loads(result.stdout or '{"status": "not started"}')
    if measured["status"] != 0:
        raise RigError(f"{' '.join(command)} failed ({measured['status']}): {result.stderr.strip()}")
    return measured["seconds"], measured["peak_kib"]


def compare(rig, case, rounds):
    """The programs take turns, so that all see the same noise. The first round only warms up."""
    results = {peer: [] for peer in case.commands}
    for number in range(rounds + 1):
        for peer, command in case.commands.items():
            os.sync()  # signet waits until its output is on the disk; what others wrote is not for it to wait for
            result = execute(rig, command)
            if number > 0:
                results[peer].append(result)
    report = {
        peer: {"seconds": statistics.median(time for time, _ in own), "peak_kib": max(memory for _, memory in own)}
        for peer, own in results.items()
    }
    ratios = {
        peer: statistics.median(mine / theirs for (mine, _), (theirs, _) in zip(results["signet"], results[peer]))
        for peer in case.against
    }
    if ratios:
        faster = max(ratios, key=ratios.get)
        report |= {"against": faster, "ratio": ratios[faster], "goal": case.goal}
    return report


def check_content(rig):
    """A quick program that is wrong counts for nothing."""
    if not filecmp.cmp(rig.path("data"), rig.path("signet.data"), shallow=False):
        raise RigError("signet decrypted to something else than was encrypted")


def huge_memory(rig):
    """signet's peak memory for each operation on a mail of 1 GiB, in KiB."""
    mail = rig.path("huge.eml")
    rig.make_mail("huge.eml", HUGE_OCTETS)
    peaks = {}
    for name, command in Programs(rig).mail(mail, "huge").items():
        _, peaks[name] = execute(rig, command)
    return peaks


def measure(rig, options):
    say("making keys ...")
    rig.make_identity()
    rig.give_to_token()
    rig.give_to_gpgsm()
    signet, agent = rig.signet()
    rig.environment = signet.environment
    report = {"cases": {}}
    for case in large_cases(rig, options.mebibytes << 20):
        say(f"{case.name} ...")
        report["cases"][case.name] = compare(rig, case, 3 if options.quick else 7)
    check_content(rig)
    for case in small_cases(rig):
        say(f"{case.name} ...")
        report["cases"][case.name] = compare(rig, case, 30 if options.quick else 200)
    if not options.quick:
        say("a mail of 1 GiB ...")
        report["huge_peak_kib"] = huge_memory(rig)
    agent.stop()
    return report


def row(name, values, goal=""):
    print(f"  {name:<16}{values:<58}{goal}".rstrip())


def print_case(name, case):
    peers = [peer for peer in ("signet", "openssl", "gpgsm", "sha256") if peer in case]
    values = "".join(f"{case[peer]['seconds'] * 1000:8.1f} ms {peer:<8}" for peer in peers)
    if "goal" not in case:
        row(name, values)
        return
    ratio, goal, against = case["ratio"], case["goal"], case["against"]
    row(name, values, f"{ratio:5.2f} of {against}, goal <= {goal}: {verdict(ratio <= goal)}")


def print_memory(name, own, peers=""):
    row(name, f"{own / 1024:8.1f} MiB signet  {peers}", f"goal <= {MEMORY_GOAL_KIB // 1024} MiB: {verdict(own <= MEMORY_GOAL_KIB)}")


def print_report(report, options):
    print(f"S/MIME; file and mail: {options.mebibytes} MiB; whole processes, medians, ratios paired")
    for name, case in report["cases"].items():
        print_case(name, case)
    print("Peak memory")
    for name, case in report["cases"].items():
        peers = "".join(f"{case[peer]['peak_kib'] / 1024:8.1f} MiB {peer:<8}" for peer in ("openssl", "gpgsm") if peer in case)
        print_memory(name, case["signet"]["peak_kib"], peers)
    for name, peak in report.get("huge_peak_kib", {}).items():
        print_memory(f"{name} 1 GiB", peak)


def parse(arguments):
    options = parser(__doc__)
    options.add_argument("--mebibytes", type=int, default=192, metavar="N", help="size of the large file and mail")
    return options.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(report_measurement(MailRig, measure, print_report, parse(sys.argv[1:])))
