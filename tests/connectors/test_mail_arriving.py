"""Mail that comes in, as other programs deliver it into a Maildir."""

from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path

from connectors.mail.arriving import Arrivals, received

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def _mail(text: str = "We pay net 45.", **heads: str) -> EmailMessage:
    message = EmailMessage()
    message["From"] = "Nora Winter <nora@northwind.example>"
    message["Subject"] = "Terms"
    message["Date"] = "Mon, 23 Nov 2026 08:00:00 +0000"
    for name, value in heads.items():
        message[name.replace("_", "-")] = value
    message.set_content(text)
    return message


async def test_mails_in_new_and_cur_are_returned_once(tmp_path: Path) -> None:
    arrivals = Arrivals(tmp_path / "inbox")
    assert await arrivals.fresh() == []
    for folder, name in (("new", "1.a.host"), ("cur", "2.b.host:2,S")):
        (tmp_path / "inbox" / folder).mkdir(parents=True)
        (tmp_path / "inbox" / folder / name).write_bytes(_mail(name).as_bytes())
    (tmp_path / "inbox" / "new" / ".hidden").write_bytes(b"x")
    assert [mail.text for mail in await arrivals.fresh()] == ["1.a.host", "2.b.host:2,S"]
    # Read mail moves from new to cur under the same name: it is the same mail.
    (tmp_path / "inbox" / "new" / "1.a.host").rename(tmp_path / "inbox" / "cur" / "1.a.host:2,S")
    assert await arrivals.fresh() == []


def test_a_mail_is_read_without_what_it_quotes() -> None:
    text = "Yes, Friday.\n\nOn Mon, 23 Nov 2026 at 08:00 Ada wrote:\n> Which day?\n> Net 14?\n"
    mail = received(
        _mail(text, Message_ID="<b@n>", In_Reply_To="<a@s>", References="<z@s> <a@s>").as_bytes(),
        fallback=NOW,
    )
    assert (mail.sender, mail.subject, mail.text) == (
        "nora@northwind.example",
        "Terms",
        "Yes, Friday.",
    )
    assert mail.answers == ("<a@s>", "<z@s>")
    assert mail.at == datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
    assert mail.plain


def test_the_same_message_has_the_same_id_wherever_it_lies() -> None:
    one, other = (_mail(Message_ID="<b@n>", X_Via=via).as_bytes() for via in ("a", "b"))
    assert received(one, fallback=NOW).id == received(other, fallback=NOW).id
    assert received(_mail().as_bytes(), fallback=NOW).id != received(one, fallback=NOW).id


def test_html_alone_is_told_apart_and_loses_its_markup() -> None:
    message = _mail()
    message.set_content("<style>p{}</style><p>We pay <b>net&nbsp;45</b></p>", subtype="html")
    mail = received(message.as_bytes(), fallback=NOW)
    assert not mail.plain
    assert "<" not in mail.text
    assert "net" in mail.text


def test_a_date_ahead_of_its_arrival_and_rubbish_do_no_harm() -> None:
    ahead = _mail()
    ahead.replace_header("Date", "Mon, 23 Nov 2037 08:00:00 +0000")
    assert received(ahead.as_bytes(), fallback=NOW).at == NOW
    assert received(b"\xff\x00 no mail", fallback=NOW).sender == ""
