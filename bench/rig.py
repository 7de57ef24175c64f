"""What the benchmark measures against: a SoftHSM token in a folder of its own, and the processes that serve it."""

import argparse
import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

SOFTHSM = "/usr/lib/softhsm/libsofthsm2.so"
TOKEN = "bench"
PIN = "123456"
PATIENCE_SECONDS = 20


class RigError(Exception):
    """Something that the benchmark needs does not work here."""


def run(command, environment, **options):
    result = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300, check=False, **options)
    if result.returncode != 0:
        raise RigError(f"{command[0]} failed ({result.returncode}): {(result.stderr or result.stdout).strip()}")
    return result.stdout


def p11_kit_client():
    folder = run(["pkg-config", "--variable=p11_module_path", "p11-kit-1"], dict(os.environ)).strip()
    return f"{folder}/p11-kit-client.so"


def eventually(condition, what):
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        if time.monotonic() > deadline:
            raise RigError(f"gave up waiting: {what}")
        time.sleep(0.01)


class Route:
    """One way to the token: what the signing program loads, and in which environment."""

    def __init__(self, name, module, environment, pin_file=None):
        self.name = name
        self.module = module
        self.environment = environment
        self.pin_file = pin_file


class Rig:
    """The token, and everything that is started; leaving it stops and removes all of that."""

    def __init__(self, build):
        self.build = Path(build)
        self.folder = Path(tempfile.mkdtemp(prefix="signet-bench-"))
        self.environment = {
            name: value for name, value in os.environ.items() if not name.startswith(("SIGNET_", "P11_KIT_", "XDG_"))
        }
        self.environment |= {
            "SOFTHSM2_CONF": f"{self.folder}/softhsm2.conf",
            "XDG_STATE_HOME": f"{self.folder}/state",
            "XDG_CONFIG_HOME": f"{self.folder}/config",
        }
        self.processes = []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for process in reversed(self.processes):
            stop(process)
        shutil.rmtree(self.folder)

    def start(self, command, environment=None):
        with open(self.folder / "processes.log", "ab") as log:
            process = subprocess.Popen(
                command, env=environment or self.environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        self.processes.append(process)
        return process

    def make_token(self):
        self.init_token()
        for number, key_type in enumerate(("EC:prime256v1", "rsa:2048"), start=1):
            self.token_tool("--keypairgen", "--key-type", key_type, "--id", f"{number:02}", "--label", key_type,
                            "--usage-sign")  # fmt: skip

    def token_tool(self, *arguments):
        login = ["pkcs11-tool", "--module", SOFTHSM, "--token-label", TOKEN, "--login", "--pin", PIN]
        run([*login, *arguments], self.environment)

    def init_token(self):
        tokens = self.folder / "tokens"
        tokens.mkdir()
        self.write("softhsm2.conf", f"directories.tokendir = {tokens}\nobjectstore.backend = file\nlog.level = ERROR\n")
        self.write("pin", f"{PIN}\n")
        self.write(
            "signet.toml",
            f'[agent]\npin_cache = "15m"\n\n[[pkcs11]]\nname = "softhsm"\nmodule = "{SOFTHSM}"\nsessions = 4\n',
        )
        create = ["softhsm2-util", "--init-token", "--free", "--label", TOKEN, "--so-pin", "12345678", "--pin", PIN]
        run(create, self.environment)

    def write(self, name, text):
        path = self.folder / name
        path.touch(0o600)
        path.write_text(text, encoding="utf-8")

    def direct(self):
        return Route("direct", SOFTHSM, self.environment, self.folder / "pin")

    def p11_kit(self):
        address = self.folder / "p11-kit.sock"
        self.start(["p11-kit", "server", "--foreground", "--name", str(address), "--provider", SOFTHSM,
                    f"pkcs11:token={TOKEN}"])  # fmt: skip
        eventually(address.exists, "p11-kit server's socket")
        environment = self.environment | {"P11_KIT_SERVER_ADDRESS": f"unix:path={address}"}
        return Route("p11-kit", p11_kit_client(), environment, self.folder / "pin")

    def signet(self):
        agent = Agent(self, "agent")
        agent.start()
        eventually(agent.answers, "the agent")
        agent.unlock()
        return Route("signet", f"{self.build}/lib/signet-pkcs11.so", agent.environment), agent


class Agent:
    """A signet-agent with a socket of its own."""

    def __init__(self, rig, name):
        self.rig = rig
        self.socket = rig.folder / f"{name}.sock"
        self.environment = rig.environment | {"SIGNET_SOCKET": str(self.socket)}
        self.process = None

    def start(self, wrapper=()):
        program = f"{self.rig.build}/bin/signet-agent"
        command = [*wrapper, program, "--config", str(self.rig.folder / "signet.toml"), "--socket", str(self.socket)]
        self.process = self.rig.start(command, self.environment)

    def stop(self):
        stop(self.process)

    def unlock(self):
        with open(self.rig.folder / "pin", "rb") as pin:
            run([f"{self.rig.build}/bin/signet", "unlock", "--pin-fd", "0"], self.environment, stdin=pin)

    def answers(self):
        """Whether org.varlink.service.GetInfo is answered."""
        with socket.socket(socket.AF_UNIX) as connection, contextlib.suppress(OSError):
            connection.settimeout(PATIENCE_SECONDS)
            connection.connect(str(self.socket))
            connection.sendall(b'{"method":"org.varlink.service.GetInfo"}\0')
            answer = connection.recv(65536)
            return "parameters" in json.loads(answer.rstrip(b"\0"))
        return False

    def hosts(self):
        """The processes that the agent has started."""
        tasks = Path(f"/proc/{self.process.pid}/task")
        return [int(pid) for task in tasks.iterdir() for pid in (task / "children").read_text().split()]


def stop(process):
    if process.poll() is not None:
        return
    process.terminate()
    try:
        process.wait(PATIENCE_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def say(text):
    print(text, file=sys.stderr, flush=True)


def verdict(met):
    return "met" if met else "MISSED"


def parser(description):
    """With what both measurements understand."""
    result = argparse.ArgumentParser(description=description)
    result.add_argument("--build", required=True, help="folder of the release build")
    result.add_argument("--quick", action="store_true", help="fewer and shorter rounds")
    result.add_argument("--json", action="store_true", help="print the numbers as JSON instead of a table")
    return result


def report_measurement(make_rig, measure, print_report, options):
    """The exit status of a measurement, which was printed."""
    try:
        with make_rig(options.build) as rig:
            report = measure(rig, options)
    except (RigError, OSError, subprocess.TimeoutExpired) as error:
        say(f"{Path(sys.argv[0]).name}: {error}")
        return 1
    if options.json:
        print(json.dumps(report, indent=2))
    else:
        print(f"{os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}\n")
        print_report(report, options)
    return 0
