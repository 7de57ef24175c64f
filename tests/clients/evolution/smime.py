"""Evolution's S/MIME (libcamel) on one MIME part: smime.py sign|encrypt|decrypt|verify WHO IN OUT.

WHO signs by the nickname of a certificate, and gets encrypted mail by an address. verify writes what Evolution
would tell of the signature. The certificate database is that of the home folder, as with Evolution.
"""

import os
import sys

import gi

gi.require_version("Camel", "1.2")
from gi.repository import Camel  # noqa: E402


class Session(Camel.Session):
    pass


def read_part(path):
    part = Camel.MimePart.new()
    part.construct_from_stream_sync(Camel.StreamFs.new_with_name(path, os.O_RDONLY, 0), None)
    return part


def write_part(part, path):
    stream = Camel.StreamFs.new_with_name(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    part.write_to_stream_sync(stream, None)
    stream.close(None)


def main():
    action, who, source, target = sys.argv[1:]
    folder = os.path.dirname(os.path.abspath(target))
    Camel.init(folder, True)
    context = Camel.SMIMEContext.new(Session(user_data_dir=folder, user_cache_dir=folder))
    part, result = read_part(source), Camel.MimePart.new()
    if action == "verify":
        validity = context.verify_sync(part, None)
        with open(target, "w", encoding="utf-8") as told:
            told.write(f"{validity.get_valid()}: {validity.get_description()}")
        os._exit(0)  # libcamel 3.46 and its bindings both free a CipherValidity
    if action == "sign":
        context.sign_sync(who, Camel.CipherHash.SHA256, part, result, None)
    elif action == "encrypt":
        context.encrypt_sync(None, [who], part, result, None)
    else:
        context.decrypt_sync(part, result, None)
    write_part(result, target)


main()
