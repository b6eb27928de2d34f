"""The operators' mailing list as Mailman hands posts on: list headers, a footer, a munged From where DMARC asks.

A copy keeps the Message-ID, the Date and everything else of the post.
"""

from __future__ import annotations

import email
import email.policy
from dataclasses import dataclass
from email.utils import formataddr, getaddresses


@dataclass
class MailingList:
    """`munges`: the list writes as itself and puts the author into Reply-To (R48)."""

    address: str
    munges: bool = False
    footer: str = ""

    @property
    def bounces(self) -> str:
        """The envelope sender of every copy."""
        return self.address.replace("@", "-bounces@")

    def copy(self, raw: bytes) -> bytes:
        """What every subscriber gets of this post."""
        post = email.message_from_bytes(raw, policy=email.policy.default)
        name = self.address.partition("@")[0]
        post["List-Id"] = f"<{self.address.replace('@', '.')}>"
        post["List-Post"] = f"<mailto:{self.address}>"
        post["List-Unsubscribe"] = f"<mailto:{name}-request@{self.address.partition('@')[2]}?subject=leave>"
        post["Precedence"] = "list"
        if self.footer and post.get_content_type() == "text/plain":
            post.set_content(f"{post.get_content()}\n{'_' * 47}\n{self.footer}\n")
        if self.munges:
            self._munge(post, name)
        return post.as_bytes()

    def _munge(self, post: email.message.EmailMessage, name: str) -> None:
        author, address = getaddresses([str(post["From"])])[0]
        wanted = getaddresses([str(v) for v in post.get_all("Reply-To", [])])
        del post["From"], post["Reply-To"]
        post["From"] = formataddr((f"{author} via {name.title()}", self.address))
        post["Reply-To"] = ", ".join(map(formataddr, [*wanted, (author, address)]))
