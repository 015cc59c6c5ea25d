"""What the worker does for accounts; the work itself is in the modules named here."""

from celery import shared_task

from accounts import mail


@shared_task(name="accounts.send_waiting_mail")
def send_waiting_mail() -> None:
    mail.send_waiting_mail()


@shared_task(name="accounts.forget_sent_mail")
def forget_sent_mail() -> None:
    mail.forget_sent_mail()
