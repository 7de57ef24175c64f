#!/usr/bin/env python3
"""Compares signet with direct use of a module and with p11-kit's server, in paired rounds. Run it by scripts/bench."""

import json
import os
import statistics
import sys
import time
from pathlib import Path

from rig import TOKEN, Agent, Rig, RigError, eventually, parser, report_measurement, run, say, verdict

# Goals: what was promised, and must hold on every machine.
ADDED_GOAL = 1.0  # of what p11-kit adds
THROUGHPUT_GOAL = 0.95  # of direct
START_GOAL_MS = 20
RSS_GOAL_KIB = 10 * 1024

# Idle part of the processor time beside one signing thread and its helpers when nothing else runs, with a margin.
QUIET_SHARE = max(0.3, 1 - 1.3 / os.cpu_count())

# After its last deadline (15 s, reading a module that was just loaded) an agent has nothing left to wait for.
SETTLE_SECONDS = 17


class Effort:
    """How long each part takes."""

    def __init__(self, quick, idle_seconds):
        self.latency_rounds, self.latency_ms = (20, 100) if quick else (100, 100)
        self.throughput_rounds, self.throughput_ms = (4, 300) if quick else (12, 600)
        self.echo_rounds = 3 if quick else 10
        self.starts = 5 if quick else 20
        self.idle_seconds = idle_seconds


def sign(rig, route, key, threads, milliseconds):
    command = [f"{rig.build}/bench/bench-signing", "--module", route.module, "--token", TOKEN, "--key", key,
               "--threads", str(threads), "--milliseconds", str(milliseconds)]  # fmt: skip
    if route.pin_file:
        command += ["--pin-file", str(route.pin_file)]
    return json.loads(run(command, route.environment))


def processor_times():
    """(idle, all) of the whole machine since its start."""
    times = [int(field) for field in Path("/proc/stat").read_text().splitlines()[0].split()[1:9]]
    return times[3] + times[4], sum(times)


def rounds(rig, routes, key, threads, count, milliseconds):
    """For each route its results, one per round; the routes take turns, so that all see the same noise."""
    results = {route.name: [] for route in routes}
    results["idle"] = []
    for _ in range(count):
        idle, everything = processor_times()
        for route in routes:
            results[route.name].append(sign(rig, route, key, threads, milliseconds))
        idle_after, everything_after = processor_times()
        results["idle"].append((idle_after - idle) / max(1, everything_after - everything))
    return results


def latency(rig, routes, effort):
    """Separately for rounds in which the machine did nothing else, and for the others: what a switch between processes
    costs, and on which processor it ends, is another matter in each."""
    results = rounds(rig, routes, "ec", 1, effort.latency_rounds, effort.latency_ms)
    idle = results.pop("idle")
    groups = {}
    for group, wanted in (("quiet", lambda share: share >= QUIET_SHARE), ("busy", lambda share: share < QUIET_SHARE)):
        chosen = {name: [one for one, share in zip(own, idle) if wanted(share)] for name, own in results.items()}
        if chosen["direct"]:
            groups[group] = compare_latency(chosen)
    return groups


def compare_latency(results):
    medians = {name: [result["p50_ns"] / 1000 for result in own] for name, own in results.items()}
    report = {"rounds": len(medians["direct"])}
    for name, own in medians.items():
        added = [mine - direct for mine, direct in zip(own, medians["direct"])]
        report[name] = {
            "p50_us": statistics.median(own),
            "p90_us": statistics.median(result["p90_ns"] / 1000 for result in results[name]),
            "added_us": statistics.median(added),
        }
    report["ratio"] = report["signet"]["added_us"] / report["p11-kit"]["added_us"]
    return report


def throughput(rig, routes, threads, effort):
    results = rounds(rig, routes, "rsa", threads, effort.throughput_rounds, effort.throughput_ms)
    results.pop("idle")
    rates = {name: [result["operations"] * 1e9 / result["elapsed_ns"] for result in own] for name, own in results.items()}
    return {
        name: {
            "per_second": statistics.median(own),
            "of_direct": statistics.median(mine / direct for mine, direct in zip(own, rates["direct"])),
        }
        for name, own in rates.items()
    }


def echo(rig, effort):
    command = f"{rig.build}/bench/bench-echo"
    results = {1: [], 2: []}
    for _ in range(effort.echo_rounds):
        for hops, own in results.items():
            own.append(json.loads(run([command, str(hops)], rig.environment))["p50_ns"] / 1000)
    return {f"{hops}_hops_us": statistics.median(own) for hops, own in results.items()}


def start_time(rig, effort):
    """From before fork() and exec() to the first answer."""
    times = []
    for _ in range(effort.starts):
        agent = Agent(rig, "start")
        begin = time.monotonic()
        agent.start()
        eventually_at_once(agent)
        times.append((time.monotonic() - begin) * 1000)
        agent.stop()
    return {"median_ms": statistics.median(times), "worst_ms": max(times)}


def eventually_at_once(agent):
    while not agent.answers():
        if agent.process.poll() is not None:
            raise RigError("the agent did not start")
        time.sleep(0.0002)


def memory(pid):
    fields = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
    result = {"rss_kib": int(fields["VmRSS"].split()[0]), "pss_kib": None}
    try:
        rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
        result["pss_kib"] = next(int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss:"))
    except PermissionError:
        pass  # signet's processes are not dumpable: only root sees more than their size
    return result


def idle_system_calls(rig, seconds):
    """What the threads of an agent, that a program has used and left, do in that time: each line is a wake-up."""
    trace = rig.folder / "trace"
    agent = Agent(rig, "idle")
    # With -D strace is a grandchild, and the process that was started is the agent.
    agent.start(["strace", "-D", "-qq", "-ff", "-o", str(trace)])
    eventually(agent.answers, "the agent under strace")
    agent.unlock()
    time.sleep(SETTLE_SECONDS)
    threads = [int(task.name) for task in Path(f"/proc/{agent.process.pid}/task").iterdir()]
    logs = [Path(f"{trace}.{thread}") for thread in threads]
    before = [log.read_text().splitlines() for log in logs]
    time.sleep(seconds)
    calls = [line for log, old in zip(logs, before) for line in log.read_text().splitlines()[len(old) :]]
    agent.stop()
    return {"seconds": seconds, "system_calls": len(calls), "first": calls[:5]}


def row(name, values, goal=""):
    print(f"  {name:<22}{values:<44}{goal}".rstrip())


def print_latency(group, report):
    print(f"P-256 signature, one thread; {report['rounds']} rounds on a {group} machine (added: paired with direct)")
    row("direct", f"{report['direct']['p50_us']:7.1f} µs")
    for name in ("p11-kit", "signet"):
        own = report[name]
        row(name, f"{own['p50_us']:7.1f} µs   p90 {own['p90_us']:7.1f} µs   added {own['added_us']:6.1f} µs")
    row("added, signet/p11-kit", f"{report['ratio']:7.2f}", f"goal <= {ADDED_GOAL}: {verdict(report['ratio'] <= ADDED_GOAL)}")


def print_throughput(report):
    print("RSA-2048 signatures a second, and as part of direct")
    for threads, own in report.items():
        for name, result in own.items():
            goal = f"goal >= {THROUGHPUT_GOAL}: {verdict(result['of_direct'] >= THROUGHPUT_GOAL)}"
            row(
                f"{threads} thread{'s' if threads != '1' else ''}, {name}",
                f"{result['per_second']:7.0f} /s" + (f"   {result['of_direct']:5.3f}" if name != "direct" else ""),
                goal if name == "signet" else "",
            )


def print_echo(report):
    print("Bare echo of 300 octets, for scale")
    row("one hop, two hops", f"{report['1_hops_us']:7.1f} µs {report['2_hops_us']:7.1f} µs")


def kib(value):
    return "(root sees it)" if value is None else f"{value / 1024:5.1f} MiB"


def print_agent(report):
    print("Agent")
    start = report["start"]
    row(
        "exec to first answer",
        f"{start['median_ms']:7.1f} ms   worst {start['worst_ms']:.1f} ms",
        f"goal < {START_GOAL_MS} ms: {verdict(start['median_ms'] < START_GOAL_MS)}",
    )
    for name in ("agent", "host"):
        own = report[f"{name}_memory"]
        goal = f"goal < {RSS_GOAL_KIB // 1024} MiB: {verdict(own['rss_kib'] < RSS_GOAL_KIB)}"
        row(f"idle {name}", f"RSS {kib(own['rss_kib'])}   PSS {kib(own['pss_kib'])}", goal if name == "agent" else "")
    idle = report["idle"]
    row(
        f"idle for {idle['seconds']} s",
        f"{idle['system_calls']:7} system calls",
        f"goal 0: {verdict(idle['system_calls'] == 0)}",
    )
    for call in idle["first"]:
        print(f"    {call}")


def measure(rig, options):
    effort = Effort(options.quick, options.idle_seconds)
    say("making a token ...")
    rig.make_token()
    signet, agent = rig.signet()
    routes = [rig.direct(), rig.p11_kit(), signet]
    report = {}
    say(f"P-256 latency: {effort.latency_rounds} rounds ...")
    report["latency"] = latency(rig, routes, effort)
    report["throughput"] = {}
    for threads in (1, 2, 4):
        say(f"RSA-2048 throughput, {threads} thread(s): {effort.throughput_rounds} rounds ...")
        report["throughput"][str(threads)] = throughput(rig, routes, threads, effort)
    report["echo"] = echo(rig, effort)
    say(f"the agent: {effort.starts} starts, {SETTLE_SECONDS} + {effort.idle_seconds} s idle ...")
    report["agent"] = {
        "agent_memory": memory(agent.process.pid),
        "host_memory": memory(agent.hosts()[0]),
        "start": start_time(rig, effort),
        "idle": idle_system_calls(rig, effort.idle_seconds),
    }
    return report


def print_report(report, _):
    for group, own in report["latency"].items():
        print_latency(group, own)
    print_throughput(report["throughput"])
    print_echo(report["echo"])
    print_agent(report["agent"])


def parse(arguments):
    options = parser(__doc__)
    options.add_argument("--idle-seconds", type=int, default=60, metavar="N", help="how long the idle agent is watched")
    return options.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(report_measurement(Rig, measure, print_report, parse(sys.argv[1:])))
