"""Mail backends and gateways that behave like servers on a bad day."""

import smtplib

from django.core.mail.backends.locmem import EmailBackend

from foundation.events.sms import Unreachable


class RefusesSomebody(EmailBackend):
    """Takes every mail but those to refused@example.test."""

    def send_messages(self, messages):
        for message in messages:
            if "refused@example.test" in message.to:
                raise smtplib.SMTPRecipientsRefused({"refused@example.test": (550, b"no such user")})
        return super().send_messages(messages)


class SilentGateway:
    """Answers nobody."""

    def send(self, phone: str, text: str) -> None:
        raise Unreachable


class RefusingGateway:
    """Answers, and takes no text."""

    def send(self, phone: str, text: str) -> None:
        raise ValueError
