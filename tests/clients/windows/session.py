"""A desktop session of a test's own: X server, message bus and the programs on them."""

import contextlib
import os
import subprocess

SERVICE_OF_ACCESSIBILITY = "/usr/share/dbus-1/services/org.a11y.Bus.service"


@contextlib.contextmanager
def running(command, **options):
    process = subprocess.Popen(command, **options)
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@contextlib.contextmanager
def display():
    """Its name, of an X server that is there while the block runs."""
    command = ["Xvfb", "-displayfd", "1", "-screen", "0", "1280x900x24", "-nolisten", "tcp"]
    with running(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as server:
        yield ":" + server.stdout.readline().decode().strip()


def bus_configuration(folder):
    """Of a session bus that starts the services of accessibility, and no others of those that are installed."""
    services = folder / "services"
    services.mkdir()
    (services / "org.a11y.Bus.service").symlink_to(SERVICE_OF_ACCESSIBILITY)
    file = folder / "bus.conf"
    file.write_text(f"""<busconfig>
  <type>session</type>
  <listen>unix:dir={folder}</listen>
  <auth>EXTERNAL</auth>
  <servicedir>{services}</servicedir>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
""")
    return file


@contextlib.contextmanager
def desktop(folder):
    """Display, bus and run-time folder, in this process's environment while the block runs."""
    folder.mkdir(mode=0o700)
    command = ["dbus-daemon", "--nofork", "--print-address=1", f"--config-file={bus_configuration(folder)}"]
    with display() as name, open(folder / "bus.log", "wb") as log:
        os.environ |= {"DISPLAY": name, "XDG_RUNTIME_DIR": str(folder)}
        os.environ.pop("WAYLAND_DISPLAY", None)
        with running(command, stdout=subprocess.PIPE, stderr=log) as bus:
            os.environ["DBUS_SESSION_BUS_ADDRESS"] = bus.stdout.readline().decode().strip()
            yield


def take_picture(file):
    """PNG of all that is on the display."""
    subprocess.run(["import", "-window", "root", file], check=True)
