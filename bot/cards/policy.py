"""The policy in the chat: what it says, and what a new one would change."""

import difflib
from datetime import datetime
from pathlib import Path

from bot.outgoing import Button, Outgoing, esc
from bot.splitting import units
from core.policy import LAWS, Change, Standing, limit
from core.when import day_and_time

_ROOM = 3800
"""UTF-16 units of a text that is shown as a message; a longer one is sent as a file."""


def policy(standing: Standing, *, name: str) -> Outgoing:
    """The policy in force in plain words; ``name`` is its file's."""
    rules = [
        f"{number}. {esc(rule.words())}"
        + (f" · <i>{esc(rule.because)}</i>" if rule.because else "")
        for number, rule in enumerate(standing.policy.rules, 1)
    ]
    lines = [f"<b>Policy</b> · version <code>{standing.policy.version}</code>"]
    if standing.trouble:
        lines.append(
            f"{esc(name)} in the data folder has a mistake, so this one, the last good one, "
            f"is in force:\n{esc(standing.trouble)}"
        )
    lines += ["", *(rules or ["There are no rules, so everything is asked first."])]
    lines += ["", "<b>Always</b>", *(f"• {esc(law)}" for law in LAWS)]
    lines += [f"• {esc(limit(standing.policy))}"]
    lines += ["", "To change it, send /policy and after it the whole new text."]
    return Outgoing(html="\n".join(lines))


def text(standing: Standing, path: Path) -> Outgoing:
    """The text itself, to be copied and changed; as a file where it is long."""
    if units(standing.text) <= _ROOM or standing.trouble:
        return Outgoing(html=f"<pre>{esc(standing.text.strip())}</pre>")
    return Outgoing(html="The policy's text.", file=str(path), name=path.name)


def refused(mistakes: str) -> Outgoing:
    """A new text that can't be read."""
    return Outgoing(html=f"The policy stays as it is; the new text has a mistake.\n{esc(mistakes)}")


def change(
    proposal_id: str, old: Standing, new: str, found: Change, *, until: datetime, waiting: int
) -> Outgoing:
    """What a new text changes, before it is used.

    ``until`` is when the card lapses, on the operator's clock. ``waiting`` is how many cards
    wait for a tap that would not count under the new policy.
    """
    lines = ["<b>Use this policy?</b>", *(f"• {esc(line)}" for line in found.rules)]
    if found.verdicts:
        lines += ["", "What becomes of things:", *(f"• {esc(line)}" for line in found.verdicts)]
    else:
        lines += ["No verdict changes: what was asked is asked, what was done at once is."]
    lines += [f"• {esc(line)}" for line in found.mind]
    if old.trouble:
        lines.append("The file in the data folder has a mistake and will be replaced.")
    if waiting:
        cards = "1 card waits" if waiting == 1 else f"{waiting} cards wait"
        lines.append(
            f"{cards} for your tap under the old policy and will not count under this one. "
            "Decide first, or say it again afterwards."
        )
    lines += [
        "",
        diff(old.text, new),
        f"Nothing changes before your tap. Without one it lapses on {day_and_time(until)}.",
    ]
    return Outgoing(
        html="\n".join(lines),
        buttons=(
            (
                Button("Use it", f"pol:{proposal_id}", "success"),
                Button("Keep the old", f"polno:{proposal_id}"),
            ),
        ),
        silent=False,
    )


def diff(old: str, new: str) -> str:
    """The lines that go and come, as HTML."""
    lines = difflib.unified_diff(old.splitlines(), new.splitlines(), "now", "new", n=2, lineterm="")
    return f"<pre>{esc(chr(10).join(lines))}</pre>"


def used(old: str, new: Standing, *, at: datetime) -> Outgoing:
    """A new policy that is in force; ``at`` is on the operator's clock."""
    return Outgoing(
        html=f"<b>The policy was changed</b> on {day_and_time(at)}, to version "
        f"<code>{new.policy.version}</code>.\n{diff(old, new.text)}"
    )


def kept() -> Outgoing:
    """A new policy that the operator did not want."""
    return Outgoing(html="The old policy stays; the new text was not used.")


def overtaken() -> Outgoing:
    """A new policy that was meant to replace another one than is in force now."""
    return Outgoing(
        html="The policy has changed since this was shown, so the new text was not used. "
        "Look at /policy and send it again."
    )
