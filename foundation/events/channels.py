"""The ways out: each with its own pace of retries, its own connection, and an address of the person."""

import smtplib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from django.conf import settings
from django.core import mail
from django.urls import reverse
from django.utils.translation import gettext as _

from foundation.events import audiences, digests, messages, sms
from foundation.events.models import Delivery


class NoAddress(LookupError):
    """The person has no address for this channel any more."""


class Session(Protocol):
    """One connection of a channel, for any number of deliveries."""

    def send(self, delivery: Delivery) -> None:
        """Bring it; any error means that it did not go out."""

    def reaches(self) -> bool:
        """Whether the server answers at all: one refused address must not stop the others."""

    def close(self) -> None: ...


class MailSession:
    def __init__(self):
        self.connection = mail.get_connection()

    def send(self, delivery: Delivery) -> None:
        address = _address(delivery)
        if not address:
            raise NoAddress
        subject, body = _letter(delivery)
        mail.EmailMessage(
            subject=subject,
            body=body,
            to=[address],
            # Asks out-of-office robots to stay silent (RFC 3834).
            headers={"Auto-Submitted": "auto-generated"},
            connection=self.connection,
        ).send()

    def reaches(self) -> bool:
        try:
            self.connection.close()
            self.connection.open()
        except Exception:
            return False
        return True

    def close(self) -> None:
        self.connection.close()


class SmsSession:
    def __init__(self):
        self.backend, self.answers = sms.backend(), True

    def send(self, delivery: Delivery) -> None:
        phone = confirmed_phone(delivery.user)
        if not phone:
            raise NoAddress
        try:
            self.backend.send(phone, sms.text_of(messages.render(delivery.notification).subject))
        except sms.Unreachable:
            self.answers = False
            raise

    def reaches(self) -> bool:
        return self.answers

    def close(self) -> None:
        pass


@dataclass(frozen=True, slots=True)
class Channel:
    """backoff: minutes until the next attempt; after the last one the delivery is given up."""

    session: Callable[[], Session]
    backoff: tuple[int, ...]


CHANNELS: dict[str, Channel] = {
    Delivery.Channel.MAIL: Channel(MailSession, (1, 5, 15, 60, 240, 720, 1440)),
    # A text that comes a day late is worth little, and each attempt may cost.
    Delivery.Channel.SMS: Channel(SmsSession, (1, 5, 30, 120)),
}


class Sessions:
    """The channels' connections of one run, opened at their first delivery; what doesn't answer is left out."""

    def __init__(self, silent: set[str] | None = None):
        self._open: dict[str, Session] = {}
        self.silent = set() if silent is None else silent

    def of(self, channel: str) -> Session:
        if channel not in self._open:
            self._open[channel] = CHANNELS[channel].session()
        return self._open[channel]

    def failed(self, channel: str) -> None:
        """A delivery failed: is it the address, or the server itself?"""
        if not self.of(channel).reaches():
            self.silent.add(channel)

    def close(self) -> None:
        for session in self._open.values():
            session.close()


def confirmed_phone(user) -> str:
    """The person's mobile number where they confirmed it, else nothing."""
    return user.phone if user.phone_confirmed_at else ""


def error_name(error: Exception) -> str:
    """The kind of an error alone: servers' answers quote addresses."""
    code = f" {error.smtp_code}" if isinstance(error, smtplib.SMTPResponseException) else ""
    return f"{type(error).__name__}{code}"[:200]


def masked_address(delivery: Delivery) -> str:
    """To whom a delivery goes, as screens may show it: p***@example.test, 138****5678."""
    if delivery.channel == Delivery.Channel.SMS:
        return sms.masked(confirmed_phone(delivery.user)) or _("没有已确认的手机号")
    return masked_mail(_address(delivery)) or _("没有邮箱")


def masked_mail(address: str) -> str:
    """p***@example.test; nothing for what is no address."""
    name, _at, domain = address.partition("@")
    return f"{name[:1]}***@{domain}" if domain else ""


def _address(delivery: Delivery) -> str:
    if delivery.user_id:
        return delivery.user.email
    told = delivery.notification
    return audiences.mailbox(told.audience_kind).address(told.audience_id)


def _letter(delivery: Delivery) -> tuple[str, str]:
    """Subject and body of a mail, with the link to what it is about."""
    if delivery.digest_id:
        return digests.letter(delivery.digest)
    message = messages.render(delivery.notification)
    if delivery.user_id is None:
        told = delivery.notification
        closing = audiences.mailbox(told.audience_kind).closing(told.audience_id)
        return message.subject, f"{message.body}\n\n{closing}\n"
    link = settings.SITE_URL + reverse("message", args=[delivery.notification_id])
    closing = _("本邮件由系统自动发送，请勿回复。查看详情：\n%(link)s") % {"link": link}
    return message.subject, f"{message.body}\n\n{closing}\n"
