"""Windows of other programs by the D-Bus interfaces of AT-SPI: what they show, and their buttons pressed.

Of all widgets of one depth everything is asked for at once: on a busy machine each answer costs a turn of the program.
"""

import subprocess
import time

from gi.repository import Gio, GLib

START = time.monotonic()
END = START + 90  # only a failure takes that long

ROOT = ("org.a11y.atspi.Registry", "/org/a11y/atspi/accessible/root")
ACCESSIBLE = "org.a11y.atspi.Accessible"
SENSITIVE, SHOWING = 1 << 24, 1 << 25  # of the states


class NotShown(Exception):
    pass


class Tree:
    """A widget is the name of its program on the bus and a path there."""

    bus = None

    def connect(self, address):
        flags = Gio.DBusConnectionFlags.AUTHENTICATION_CLIENT | Gio.DBusConnectionFlags.MESSAGE_BUS_CONNECTION
        self.bus = Gio.DBusConnection.new_for_address_sync(address, flags)

    def ask(self, calls):
        """What each call of (widget, interface, method, arguments) returns; None where it fails."""
        answers, open_calls = [None] * len(calls), len(calls)

        def answered(bus, result, number):
            nonlocal open_calls
            open_calls -= 1
            try:
                answers[number] = bus.call_finish(result).unpack()[0]
            except GLib.Error:  # the widget is gone, or has no such interface
                pass

        for number, ((program, path), interface, method, arguments) in enumerate(calls):
            self.bus.call(program, path, interface, method, arguments, None, 0, 10000, None, answered, number)
        while open_calls:
            GLib.MainContext.default().iteration(True)
        return answers

    def ask_each(self, widgets, interface, method, arguments=None):
        return self.ask([(widget, interface, method, arguments) for widget in widgets])

    def names(self, widgets):
        name = GLib.Variant("(ss)", (ACCESSIBLE, "Name"))
        return self.ask_each(widgets, "org.freedesktop.DBus.Properties", "Get", name)

    def children(self, widgets):
        return [child for children in self.ask_each(widgets, ACCESSIBLE, "GetChildren") for child in children or []]

    def windows(self, title):
        windows = self.children(self.children([ROOT]))
        return [window for window, name in zip(windows, self.names(windows)) if title in (name or "")]

    def widgets(self, title, hidden):
        """All in windows with this in their title, with their parents before them."""
        level, found = self.windows(title), []
        while level:
            if not hidden:
                states = self.ask_each(level, ACCESSIBLE, "GetState")
                level = [widget for widget, state in zip(level, states) if state and state[0] & SHOWING]
            found += level
            level = self.children(level)
        return found


TREE = Tree()


def turn_on():
    """For the programs started from now on. Qt 5 registers at its start or never: what it wants must be there."""
    session = Gio.bus_get_sync(Gio.BusType.SESSION)
    (address,) = session.call_sync("org.a11y.Bus", "/org/a11y/bus", "org.a11y.Bus", "GetAddress", None, None, 0, -1)
    TREE.connect(address)
    TREE.children([ROOT])  # starts the registry
    subprocess.run(["xprop", "-root", "-format", "AT_SPI_BUS", "8s", "-set", "AT_SPI_BUS", address], check=True)


def tell(text):
    """With the seconds since the start: where a slow run was slow."""
    print(f"{time.monotonic() - START:.1f} {text}", flush=True)


def texts(title="", hidden=False):
    """Widgets with the text that they show, else with their name."""
    widgets = TREE.widgets(title, hidden)
    shown = TREE.ask_each(widgets, "org.a11y.atspi.Text", "GetText", GLib.Variant("(ii)", (0, -1)))
    return [(widget, text or name) for widget, text, name in zip(widgets, shown, TREE.names(widgets)) if text or name]


def wait_for(what, condition):
    """The first true value of the condition."""
    while (looked := time.monotonic()) < END:
        if value := condition():
            return value
        time.sleep(max(0.1, time.monotonic() - looked))  # looking keeps the program from its work
    raise NotShown(f"no {what}: {[text for _, text in texts()]}")


def text_with(text):
    """All of what the first widget has that shows this text, or nothing."""
    return next((own for _, own in texts() if text in own), None)


def wait_for_text(text):
    return wait_for(text, lambda: text_with(text))


def act(role, name, title="", hidden=False):
    def find():
        widgets = [widget for widget, text in texts(title, hidden) if text == name]
        roles = TREE.ask_each(widgets, ACCESSIBLE, "GetRoleName")
        states = TREE.ask_each(widgets, ACCESSIBLE, "GetState")
        of_role = [(widget, state) for widget, its_role, state in zip(widgets, roles, states) if its_role == role]
        return next((widget for widget, state in of_role if state and state[0] & SENSITIVE), None)

    TREE.ask([(wait_for(name, find), "org.a11y.atspi.Action", "DoAction", GLib.Variant("(i)", (0,)))])


def press(name, window=""):
    act("push button", name, title=window)


def choose(name):
    """In a menu, which need not be open."""
    act("menu item", name, hidden=True)
