"""What deeds of the audit are called, and what is told besides."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from screenpop.i18n import Translator
from screenpop.pages.looks import N_

DEEDS: Final[dict[str, str]] = {
    "signed_in": N_("Signed in"),
    "pause": N_("Paused an agent"),
    "unpause": N_("Ended an agent's pause"),
    "log_out": N_("Signed an agent out"),
    "exchange": N_("Changed how an exchange is reached"),
    "exported_calls": N_("Exported calls"),
    "exported_companies": N_("Exported companies"),
    "exported_incidents": N_("Exported incidents"),
    "contacts import": N_("Imported customers"),
    "accounts import": N_("Imported companies"),
    "contacts export": N_("Exported customers"),
    "import begun": N_("Began to bring in a table of customers"),
    "import taken back": N_("Took a table of customers back"),
    "database backup": N_("Backed up the database"),
    "erasure asked for": N_("Asked that a customer be erased"),
    "erasure taken back": N_("Took back that a customer be erased"),
    "handed out": N_("Handed out what is kept of a customer"),
    "erased": N_("Erased a customer"),
    "legal hold set": N_("Said that records must be kept"),
    "legal hold lifted": N_("Said that records need not be kept"),
    "retention set": N_("Said how long records are kept"),
    "records let go": N_("Let go of old records"),
    "masking set": N_("Said what is shown to a role"),
    "do not call export": N_("Exported who must not be called"),
    "number excluded": N_("Said that a number must not be called"),
    "number readmitted": N_("Said that a number may be called again"),
    "user added": N_("Added a user"),
    "user changed": N_("Changed a user"),
    "session ended": N_("Signed somebody out of a session"),
    "second factor set up": N_("Set up a second factor"),
    "second factor removed": N_("Removed one's own second factor"),
    "second factor reset": N_("Took away somebody's second factor"),
    "user added by provider": N_("Added by the provider, at the first sign-in"),
    "role given by provider": N_("Given another role by the provider"),
    "provider linked": N_("Linked an account with the provider"),
    "provider unlinked": N_("Unlinked an account from the provider"),
    "recovery code used": N_("Signed in with a recovery code"),
    "password set": N_("Set a password"),
    "webhook added": N_("Let another system be told what happens"),
    "webhook changed": N_("Changed what another system is told"),
    "webhook removed": N_("Let another system be told nothing any more"),
    "webhook secret renewed": N_("Renewed the secret of a webhook"),
    "webhook replayed": N_("Had a webhook told again from a place"),
    "webhook sent again": N_("Had events sent again to a webhook"),
    "webhook stopped": N_("Stopped a webhook that takes nothing"),
    "key added": N_("Made a key for another system"),
    "key revoked": N_("Revoked the key of another system"),
    "merged": N_("Merged incidents"),
    "merge undone": N_("Took merged incidents apart again"),
    "record merged": N_("Made one customer of two"),
    "record merge undone": N_("Made two customers of one again"),
    "not the same": N_("Said that two customers are not the same"),
    "may be the same": N_("Took back that two customers are not the same"),
    "product added": N_("Added a product"),
    "product changed": N_("Changed a product"),
    "asset added": N_("Added equipment of a customer"),
    "asset changed": N_("Changed equipment of a customer"),
    "asset removed": N_("Removed equipment of a customer"),
    "contract added": N_("Added a contract"),
    "contract changed": N_("Changed a contract"),
    "contract removed": N_("Removed a contract"),
    "interaction changed": N_("Changed what was written down of a customer"),
    "interaction removed": N_("Removed what was written down of a customer"),
    "interaction brought back": N_("Brought back what was written down of a customer"),
    "article draft": N_("Made a draft of an article"),
    "article published": N_("Published an article"),
    "article retired": N_("Retired an article"),
    "view shared": N_("Shared a view of a list"),
    "view changed": N_("Changed a view that others see"),
    "view removed": N_("Took away a view that others see"),
    "view brought back": N_("Brought back a view that others see"),
    "kept": N_("Set up incidents"),
}
"""By how the entries begin; the longest that fits counts."""
RECORDS: Final[dict[str, str]] = {
    "contact": N_("Contact"),
    "incident": N_("Incident"),
    "calls": N_("Calls"),
    "import": N_("Import"),
    "agent": N_("Agent"),
    "exchange": N_("Exchange"),
    "user": N_("User"),
    "key": N_("Key"),
    "webhook": N_("Webhook"),
    "do_not_call": N_("Do not call"),
    "retention": N_("Retention"),
    "masking": N_("Masking"),
    "calendar": N_("Calendar"),
    "policy": N_("Agreement"),
    "category": N_("Category"),
    "product_line": N_("Product line"),
    "product": N_("Product"),
    "asset": N_("Equipment"),
    "contract": N_("Contract"),
    "interaction": N_("What was written down"),
    "team": N_("Team"),
    "resolution": N_("Resolution"),
    "article": N_("Article"),
    "view": N_("View of a list"),
}


def filters(t: Translator) -> dict[str, Callable[..., str]]:
    """Return the filters of the page, in the language of *t*."""

    def deed(what: str) -> str:
        begin = _begin(what)
        return t.gettext(DEEDS[begin]) if begin else what

    def deed_rest(what: str) -> str:
        begin = _begin(what)
        return what.removeprefix(begin).lstrip(": ") if begin else ""

    return {
        "deed": deed,
        "deed_rest": deed_rest,
        "record_kind": lambda kind: t.gettext(RECORDS[kind]) if kind in RECORDS else kind,
    }


def _begin(what: str) -> str:
    return max((one for one in DEEDS if what.startswith(one)), key=len, default="")
