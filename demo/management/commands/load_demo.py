"""manage.py load_demo: the demo's people, enterprises and cases, once, made by the product's own verbs."""

import sys

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from demo.loading import load_all
from enterprises.models import Enterprise


class Command(BaseCommand):
    help = "装入演示数据：约 200 家企业、各环节的申请，由系统自身的操作生成；已有企业时不作改动"

    def handle(self, *args, **options):
        if not settings.DEMO:
            raise CommandError("只有演示环境可以装入演示数据")
        if Enterprise.objects.exists():
            self.stdout.write("已有企业数据，未作改动")
            return
        shown = -1

        def progress(done, total):
            nonlocal shown
            percent = done * 100 // total
            if percent >= shown + 10 or done == total:
                shown = percent
                self.stdout.write(f"  {percent}%（{done}/{total}）")
                sys.stdout.flush()

        # One transaction: an interrupted start leaves nothing half-made.
        with transaction.atomic():
            counts = load_all(progress)
        self.stdout.write(f"已装入 {Enterprise.objects.count()} 家企业、{sum(counts.values())} 个场景")
