"""The part of the Marionette protocol that a test needs: JSON with its length before it, over TCP on loopback."""

import json
import socket
import time


class MarionetteError(Exception):
    pass


class Marionette:
    """A session in chrome context: scripts see Thunderbird's own windows and services."""

    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=60)
        self.last_id = 0
        self.slowest_answer = 0.0  # of a script, in seconds: how long Thunderbird's windows stood still
        self._receive()  # the greeting
        # The nested form of capabilities is ignored, and open dialogs would be dismissed.
        self.command("WebDriver:NewSession", unhandledPromptBehavior="ignore")
        self.command("Marionette:SetContext", value="chrome")
        self.command("WebDriver:SetTimeouts", script=60000)

    def _receive(self):
        length = b""
        while not length.endswith(b":"):
            length += self._octets(1)
        return json.loads(self._octets(int(length[:-1])))

    def _octets(self, count):
        received = b""
        while len(received) < count:
            part = self.socket.recv(count - len(received))
            if not part:
                raise MarionetteError("Thunderbird has closed the connection")
            received += part
        return received

    def command(self, name, **parameters):
        self.last_id += 1
        message = json.dumps([0, self.last_id, name, parameters]).encode()
        self.socket.sendall(str(len(message)).encode() + b":" + message)
        while True:
            _, answered, error, value = self._receive()
            if answered == self.last_id:
                break
        if error:
            raise MarionetteError(f"{name}: {error.get('message')}")
        return value

    def script(self, code, *arguments):
        asked = time.monotonic()
        answer = self.command("WebDriver:ExecuteScript", script=code, args=list(arguments), sandbox="system")["value"]
        self.slowest_answer = max(self.slowest_answer, time.monotonic() - asked)
        return answer

    def script_async(self, code, *arguments):
        """The last of the script's arguments is the function that takes its answer."""
        return self.command("WebDriver:ExecuteAsyncScript", script=code, args=list(arguments), sandbox="system")["value"]

    def wait_for(self, what, code, *arguments, seconds=30):
        """The first true value of the script."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            value = self.script(code, *arguments)
            if value:
                return value
            time.sleep(0.1)
        raise MarionetteError(f"no {what} in {seconds} s")

    def screenshot(self):
        """PNG in base64."""
        return self.command("WebDriver:TakeScreenshot", full=False)["value"]
