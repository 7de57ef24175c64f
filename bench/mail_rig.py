"""One identity for three programs: on a token behind an agent, in files for openssl, in a home of gpgsm's own."""

import base64
import os
import textwrap

from rig import PIN, Rig, RigError, run

ADDRESS = "alice@example.org"
EXTENSIONS = f"""basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature, keyEncipherment
extendedKeyUsage = emailProtection
subjectAltName = email:{ADDRESS}
"""
LINE_OCTETS = 57  # make the 76 letters of a base64 line
BLOCK_LINES = 1 << 14
IMPORT_ATTEMPTS = 6


class MailRig(Rig):
    """Leaving it stops and removes all that it has made."""

    def __enter__(self):
        self.home = self.folder / "gnupg"
        self.home.mkdir(mode=0o700)
        self.environment |= {"GNUPGHOME": str(self.home), "TMPDIR": str(self.folder)}
        return self

    def __exit__(self, *details):
        run(["gpgconf", "--kill", "all"], self.environment)
        super().__exit__(*details)

    def path(self, name):
        return str(self.folder / name)

    def openssl(self, *arguments):
        run(["openssl", *arguments], self.environment, cwd=self.folder)

    def make_identity(self):
        self.write("extensions", EXTENSIONS)
        self.openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "ca.key", "-out", "ca.pem", "-days", "7",
                     "-subj", "/CN=Benchmark CA", "-addext", "keyUsage=critical,keyCertSign,cRLSign")  # fmt: skip
        self.openssl("req", "-new", "-newkey", "rsa:2048", "-nodes", "-keyout", "alice.key", "-out", "alice.csr", "-subj",
                     "/CN=Alice Example")  # fmt: skip
        self.openssl("x509", "-req", "-in", "alice.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-set_serial", "2", "-days",
                     "7", "-extfile", "extensions", "-out", "alice.pem")  # fmt: skip
        self.openssl("x509", "-in", "alice.pem", "-outform", "DER", "-out", "alice.der")

    def give_to_token(self):
        self.init_token()
        run(["softhsm2-util", "--import", self.path("alice.key"), "--token", "bench", "--label", "alice", "--id", "01",
             "--pin", PIN], self.environment)  # fmt: skip
        self.token_tool("--write-object", self.path("alice.der"), "--type", "cert", "--id", "01", "--label", "alice")

    def root_fingerprint(self):
        """As gpgsm wants it."""
        root = ["openssl", "x509", "-in", self.path("ca.pem"), "-noout", "-fingerprint", "-sha1"]
        return run(root, self.environment).strip().rpartition("=")[2].replace(":", "")

    def give_to_gpgsm(self):
        """Without a passphrase: its agent is then always warm."""
        self.write("gnupg/gpgsm.conf", "disable-crl-checks\ndisable-dirmngr\n")
        self.write("gnupg/gpg-agent.conf", "allow-loopback-pinentry\n")
        self.write("gnupg/trustlist.txt", f"{self.root_fingerprint()} S relax\n")
        run(["gpgsm", "--batch", "--import", self.path("ca.pem")], self.environment)
        # About one file in thirty is none that gpgsm 2.2 can decrypt, however often it is tried: its salt decides.
        for attempts_left in reversed(range(IMPORT_ATTEMPTS)):
            try:
                self.import_into_gpgsm()
                return
            except RigError:
                if attempts_left == 0:
                    raise

    def import_into_gpgsm(self):
        # gpgsm 2.2 reads no newer encryption.
        self.openssl("pkcs12", "-export", "-in", "alice.pem", "-inkey", "alice.key", "-certfile", "ca.pem", "-keypbe",
                     "PBE-SHA1-3DES", "-certpbe", "PBE-SHA1-3DES", "-macalg", "sha1", "-passout", "pass:", "-out",
                     "alice.p12")  # fmt: skip
        run(["gpgsm", "--batch", "--pinentry-mode", "loopback", "--passphrase-fd", "0", "--import",
             self.path("alice.p12")], self.environment, input="\n")  # fmt: skip

    def make_octets(self, name, size):
        with open(self.path(name), "wb") as file:
            for _ in range(size >> 20):
                file.write(os.urandom(1 << 20))

    def make_mail(self, name, size):
        """A mail of about `size` octets: a text, and an attachment in base64."""
        with open(self.path(name), "w", encoding="ascii", newline="\r\n") as file:
            file.write(textwrap.dedent(f"""\
                From: Alice <{ADDRESS}>
                To: Alice <{ADDRESS}>
                Subject: Benchmark
                MIME-Version: 1.0
                Content-Type: multipart/mixed; boundary=benchmark

                --benchmark
                Content-Type: text/plain; charset=us-ascii

                See the attachment.
                --benchmark
                Content-Type: application/octet-stream
                Content-Transfer-Encoding: base64

                """))
            while file.tell() < size:
                lines = min(BLOCK_LINES, (size - file.tell()) // 78 + 1)
                file.write(base64.encodebytes(os.urandom(lines * LINE_OCTETS)).decode("ascii"))
            file.write("--benchmark--\n")
