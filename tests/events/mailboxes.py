"""Mail backends that behave like servers on a bad day."""

import smtplib

from django.core.mail.backends.locmem import EmailBackend


class RefusesSomebody(EmailBackend):
    """Takes every mail but those to refused@example.test."""

    def send_messages(self, messages):
        for message in messages:
            if "refused@example.test" in message.to:
                raise smtplib.SMTPRecipientsRefused({"refused@example.test": (550, b"no such user")})
        return super().send_messages(messages)
