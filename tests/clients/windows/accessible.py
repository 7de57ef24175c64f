"""Windows of other programs by AT-SPI: what they show, and their buttons pressed."""

import contextlib
import time

import gi

gi.require_version("Atspi", "2.0")
from gi.repository import Atspi, GLib  # noqa: E402

PATIENCE = 90  # seconds of the whole run; only a failure takes them
END = time.monotonic() + PATIENCE


class NotShown(Exception):
    pass


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


def _walk(widget):
    """The widget and those in it that are shown; they go while one looks at them."""
    try:
        if _is_showing(widget):
            yield widget
            for child in _children(widget):
                yield from _walk(child)
    except GLib.Error:
        return


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


def press(name, window="", role="push button"):
    def button():
        return next((widget for widget, own in shown(window) if own == name and widget.get_role_name() == role), None)

    wait_for(name, button).get_action_iface().do_action(0)
