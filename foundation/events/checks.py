"""The room's checks: messages on their way, the broker, the daily seal."""

from collections.abc import Iterator
from datetime import time, timedelta

import redis
from django.conf import settings
from django.db.models import Count, Min, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config import celery
from foundation.clock import clock
from foundation.events import exports
from foundation.events.models import DailySeal, Delivery, Event, Notification
from foundation.health import health
from foundation.health.health import Problem

# Longer than this, and the sweep that runs each minute is not doing its work.
STUCK = timedelta(minutes=10)
# A dead letter is an alarm for so long; after that it stands in the list alone.
FRESH = timedelta(days=14)
# By this hour yesterday is sealed and has left the host.
SEALED_BY = time(2, 0)
WAIT = 1.0


def deliveries() -> Iterator[Problem]:
    """Messages that nobody took up, deliveries that are overdue, and those that were given up."""
    now = clock.now()
    left = Notification.objects.filter(resolved_at=None, created_at__lt=now - STUCK).aggregate(
        count=Count("pk"), oldest=Min("created_at")
    )
    if left["count"]:
        yield Problem(
            "events.unresolved",
            _("有 %(count)d 条消息还没有分发，最早的已等待 %(minutes)d 分钟")
            % {"count": left["count"], "minutes": _minutes(now - left["oldest"])},
            _("检查 celery worker 与 celery beat 是否在运行；恢复后会自动补发。"),
        )
    states = Delivery.objects.aggregate(
        late=Count("pk", filter=Q(next_try_at__lt=now - STUCK)),
        oldest=Min("next_try_at", filter=Q(next_try_at__lt=now - STUCK)),
        given_up=Count("pk", filter=Q(given_up_at__gte=now - FRESH)),
    )
    if states["late"]:
        yield Problem(
            "events.late",
            _("有 %(count)d 份投递到期未发，最早的已拖延 %(minutes)d 分钟")
            % {"count": states["late"], "minutes": _minutes(now - states["oldest"])},
            _("检查 celery worker 是否在运行、数量是否足够，邮件服务器是否应答。"),
        )
    if states["given_up"]:
        yield Problem(
            "events.dead_letters",
            _("最近 14 天有 %(count)d 份投递多次失败，已放弃") % {"count": states["given_up"]},
            _("在管理后台“无法投递”中查看原因，排除后重新投递；地址有误的请本人更正。"),
        )


def mail_server() -> Iterator[Problem]:
    if settings.PRODUCTION and "filebased" in settings.EMAIL_BACKEND:
        yield Problem(
            "events.no_mail_server",
            _("没有配置邮件服务器，邮件只写在 DATA_DIR/mail，没有发出"),
            _("设置 EMAIL_HOST 等变量后重启。"),
        )


def broker() -> Iterator[Problem]:
    try:
        with redis.Redis.from_url(
            celery.app.conf.broker_url, socket_connect_timeout=WAIT, socket_timeout=WAIT
        ) as connection:
            connection.ping()
    except redis.RedisError as error:
        yield Problem(
            "events.broker",
            _("消息队列没有应答（%(error)s）：邮件、短信与后台任务会延迟") % {"error": type(error).__name__},
            _("检查 REDIS_URL 所指的服务；办理不受影响，恢复后由定时任务补发。"),
        )


def seal() -> Iterator[Problem]:
    """Yesterday is sealed by two o'clock, and every seal has reached its places."""
    local = clock.shanghai(clock.now())
    last = DailySeal.objects.order_by("-day").values_list("day", flat=True).first()
    due = local.date() - timedelta(days=1 if local.time() >= SEALED_BY else 2)
    first = Event.objects.order_by("pk").values_list("at", flat=True).first()
    began = clock.shanghai(first).date() if first else local.date()
    if began <= due and (last is None or last < due):
        yield Problem(
            "events.seal_late",
            _("%(day)s 的事件还没有封存") % {"day": due.isoformat()},
            _("检查 celery beat 是否在运行；也可执行 manage.py seal_day。"),
        )
    if settings.PRODUCTION and not exports.targets():
        yield Problem(
            "events.seal_stays",
            _("每日封存没有导出到别的主机：主机被控制时，历史可以连同封存一起改写"),
            _("设置 SEAL_EXPORT 或 SEAL_COMMAND（见 docs/production.md）。"),
        )
    # Of a seal that was made just now the next beat takes care.
    sealed_before = set(
        DailySeal.objects.filter(sealed_at__lt=clock.now() - timedelta(hours=1)).values_list("day", flat=True)
    )
    waiting = [(day, target) for day, target in exports.missing() if day in sealed_before]
    if waiting:
        day, target = waiting[0]
        yield Problem(
            "events.seal_not_exported",
            _("有 %(count)d 份封存没有导出，最早的是 %(day)s（%(target)s）")
            % {"count": len(waiting), "day": day.isoformat(), "target": target},
            _("检查该文件夹是否已挂载、可写，或 SEAL_COMMAND 是否成功；每 5 分钟自动重试。"),
        )


def _minutes(length: timedelta) -> int:
    return int(length.total_seconds() // 60)


def register() -> None:
    health.register("deliveries", gettext_lazy("消息投递"), deliveries)
    health.register("mail", gettext_lazy("邮件服务器"), mail_server)
    health.register("broker", gettext_lazy("消息队列"), broker)
    health.register("seal", gettext_lazy("每日封存"), seal)
