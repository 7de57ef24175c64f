"""Windows of other programs by AT-SPI: what they show, and their buttons pressed."""

import contextlib
import subprocess
import time

import gi

gi.require_version("Atspi", "2.0")
from gi.repository import Atspi, Gio, GLib  # noqa: E402

PATIENCE = 90  # seconds of the whole run; only a failure takes them
END = time.monotonic() + PATIENCE


class NotShown(Exception):
    pass


def turn_on():
    """For the programs started from now on. Qt 5 registers at its start or never: what it wants must be there."""
    session = Gio.bus_get_sync(Gio.BusType.SESSION)
    (address,) = session.call_sync("org.a11y.Bus", "/org/a11y/bus", "org.a11y.Bus", "GetAddress", None, None, 0, -1)
    Atspi.get_desktop(0).get_child_count()  # starts the registry
    subprocess.run(["xprop", "-root", "-format", "AT_SPI_BUS", "8s", "-set", "AT_SPI_BUS", address], check=True)


def wait_for(what, condition):
    """The first true value of the condition."""
    while time.monotonic() < END:
        if value := condition():
            return value
        time.sleep(0.1)
    raise NotShown(f"no {what}: {[text for _, text in shown()]}")


def _children(widget):
    return filter(None, map(widget.get_child_at_index, range(widget.get_child_count())))


def _is_showing(widget):
    states = widget.get_state_set()
    return states.contains(Atspi.StateType.SHOWING) and not states.contains(Atspi.StateType.DEFUNCT)


def _walk(widget, hidden=False):
    """The widget and those in it; they go while one looks at them."""
    with contextlib.suppress(GLib.Error):
        if hidden or _is_showing(widget):
            yield widget
            for child in _children(widget):
                yield from _walk(child, hidden)


def _text_of(widget):
    text = widget.get_text_iface()
    return Atspi.Text.get_text(text, 0, text.get_character_count()) if text else ""


def _windows():
    root = Atspi.get_desktop(0)
    root.clear_cache()  # what libatspi remembers
    while GLib.MainContext.default().iteration(False):
        pass
    with contextlib.suppress(GLib.Error):
        for application in _children(root):
            yield from _children(application)


def shown(window=""):
    """Widgets with the text that they show, or their name; of windows with this in their title."""
    found = []
    for frame in _windows():
        with contextlib.suppress(GLib.Error):
            if window in frame.get_name():
                found += [(widget, _text_of(widget) or widget.get_name()) for widget in _walk(frame)]
    return [(widget, text) for widget, text in found if text]


def wait_for_text(text):
    """All of what the first widget has that shows this text."""
    return wait_for(text, lambda: next((own for _, own in shown() if text in own), None))


def _press(name, find):
    wait_for(name, lambda: next(filter(None, find()), None)).get_action_iface().do_action(0)


def press(name, window=""):
    _press(name, lambda: (it for it, text in shown(window) if text == name and it.get_role_name() == "push button"))


def choose(name):
    """In a menu, which need not be open."""
    _press(name, lambda: (it for frame in _windows() for it in _walk(frame, hidden=True)
                          if it.get_role_name() == "menu item" and it.get_name() == name))  # fmt: skip
