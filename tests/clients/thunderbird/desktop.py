"""A Thunderbird and a profile of its own: module by policy, one account, an inbox."""

import base64
import json
import shutil
import struct
import subprocess
from pathlib import Path

INSTALLED = Path("/usr/lib/thunderbird")


def make_application(folder, module):
    """Policies lie beside the program: the program is copied, everything else linked."""
    folder.mkdir()
    for entry in INSTALLED.iterdir():
        if entry.name not in ("thunderbird", "thunderbird-bin", "distribution"):
            (folder / entry.name).symlink_to(entry.resolve())
    shutil.copy(INSTALLED / "thunderbird-bin", folder)
    policies = {"SecurityDevices": {"Add": {"signet": module}}, "DisableAppUpdate": True, "DisableTelemetry": True}
    (folder / "distribution").mkdir()
    (folder / "distribution/policies.json").write_text(json.dumps({"policies": policies}))
    return folder / "thunderbird-bin"


def element(der, offset):
    """Where the content of a DER element begins, and where it ends."""
    length, begin = der[offset + 1], offset + 2
    if length & 0x80:
        count = length & 0x7F
        length, begin = int.from_bytes(der[begin : begin + count], "big"), begin + count
    return begin, begin + length


def database_key(pem):
    """How Thunderbird names a certificate in its preferences: lengths, serial number and issuer."""
    der = base64.b64decode("".join(line for line in pem.read_text().splitlines() if not line.startswith("-")))
    certificate, _ = element(der, 0)
    version, _ = element(der, certificate)
    _, after_version = element(der, version)
    serial = element(der, after_version)
    _, after_algorithm = element(der, serial[1])
    issuer = der[after_algorithm : element(der, after_algorithm)[1]]
    number = der[slice(*serial)]
    return base64.b64encode(struct.pack(">IIII", 0, 0, len(number), len(issuer)) + number + issuer).decode()


def preferences(certificate, smtp_port):
    key = database_key(certificate)
    server, identity = "mail.server.server1.", "mail.identity.id1."
    return {
        "mail.accountmanager.accounts": "account1",
        "mail.accountmanager.defaultaccount": "account1",
        "mail.account.account1.server": "server1",
        "mail.account.account1.identities": "id1",
        server + "type": "none",
        server + "hostname": "Local Folders",
        server + "userName": "nobody",
        server + "directory-rel": "[ProfD]Mail/Local Folders",
        server + "storeContractID": "@mozilla.org/msgstore/berkeleystore;1",
        identity + "fullName": "Alice",
        identity + "useremail": "alice@example.test",
        identity + "valid": True,
        identity + "smtpServer": "smtp1",
        identity + "compose_html": False,
        identity + "fcc": False,
        identity + "signing_cert_name": "alice",
        identity + "signing_cert_dbkey": key,
        identity + "encryption_cert_name": "alice",
        identity + "encryption_cert_dbkey": key,
        identity + "e2etechpref": 1,
        "mail.smtpservers": "smtp1",
        "mail.smtp.defaultserver": "smtp1",
        "mail.smtpserver.smtp1.hostname": "127.0.0.1",
        "mail.smtpserver.smtp1.port": smtp_port,
        "mail.smtpserver.smtp1.try_ssl": 0,
        "mail.smtpserver.smtp1.authMethod": 1,
        # Nothing that asks, and nothing that leaves this machine.
        "mail.shell.checkDefaultClient": False,
        "mail.spotlight.firstRunDone": True,
        "mail.rights.version": 1,
        "mail.provider.suppress_dialog_on_startup": True,
        "mail.inappnotifications.enabled": False,
        "mailnews.start_page.enabled": False,
        "app.donation.eoy.version.viewed": 999,
        "datareporting.policy.dataSubmissionEnabled": False,
        "network.captive-portal-service.enabled": False,
        "network.connectivity-service.enabled": False,
        "network.proxy.type": 1,
        "network.proxy.http": "127.0.0.1",
        "network.proxy.http_port": 9,
        "network.proxy.ssl": "127.0.0.1",
        "network.proxy.ssl_port": 9,
        "network.proxy.no_proxies_on": "127.0.0.1",
        "services.settings.server": "http://127.0.0.1:9/",
        "extensions.update.enabled": False,
        "security.OCSP.enabled": 0,
        "marionette.port": 0,
    }


def make_profile(folder, certificate, root, smtp_port, mails):
    mail_folder = folder / "Mail/Local Folders"
    mail_folder.mkdir(parents=True)
    lines = [f"user_pref({json.dumps(name)}, {json.dumps(value)});" for name, value in
             preferences(certificate, smtp_port).items()]  # fmt: skip
    (folder / "user.js").write_text("\n".join(lines) + "\n")
    inbox = b"".join(b"From - Mon Nov 16 10:00:00 2026\n" + mail.read_bytes() + b"\n" for mail in mails)
    (mail_folder / "Inbox").write_bytes(inbox)
    database = f"sql:{folder}"
    subprocess.run(["certutil", "-N", "-d", database, "--empty-password"], check=True)
    subprocess.run(["certutil", "-A", "-d", database, "-n", "root", "-t", "C,C,", "-i", root], check=True)
