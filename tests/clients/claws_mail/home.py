"""What a Claws Mail finds in its home: one account, the S/MIME plugin, a mailbox with mails."""

import shutil
from pathlib import Path

FOLDERS = {"inbox": "inbox", "outbox": "sent", "draft": "drafts", "queue": "queue", "trash": "trash"}


def plugin():
    return next(Path("/usr/lib").glob("*/claws-mail/plugins/smime.so"))


def settings():
    return f"""[Common]
enable_aspell=0

[Plugins_GTK3]
{plugin()}

[GPG]
auto_check_signatures=1
gpg_warning=0
"""


def account(address, smtp_port):
    local_folders_only = 5
    return f"""[Account: 1]
account_name=local
is_default=1
name=Alice
address={address}
protocol={local_folders_only}
smtp_server=127.0.0.1
set_smtpport=1
smtp_port={smtp_port}
ssl_smtp=0
use_smtp_auth=0
default_privacy_system=smime
default_sign=1
"""


def folder_list():
    items = "".join(f'<folderitem type="{kind}" name="{name}" path="{name}"/>' for kind, name in FOLDERS.items())
    return f'<?xml version="1.0"?>\n<folderlist><folder type="mh" name="Mail" path="Mail">{items}</folder></folderlist>\n'


def make_home(home, address, smtp_port, mails):
    """The mails are number 1, 2 and so on of the inbox."""
    own = home / ".claws-mail"
    own.mkdir()
    (own / "clawsrc").write_text(settings())
    (own / "accountrc").write_text(account(address, smtp_port))
    (own / "folderlist.xml").write_text(folder_list())
    for name in FOLDERS.values():
        (home / "Mail" / name).mkdir(parents=True)
    for number, mail in enumerate(mails, 1):
        shutil.copy(mail, home / "Mail/inbox" / str(number))
