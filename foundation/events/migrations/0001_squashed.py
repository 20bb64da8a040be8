import django.db.models.deletion
import django.db.models.functions.comparison
import foundation.clock.clock
import foundation.events.add_triggers
import pgtrigger.compiler
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    replaces = [('events', '0001_initial'), ('events', '0002_ways_to_tell'), ('events', '0003_mailboxes')]

    initial = True

    dependencies = [
        ('accounts', '0001_squashed'),
    ]

    operations = [
        migrations.CreateModel(
            name='DailySeal',
            fields=[
                ('day', models.DateField(primary_key=True, serialize=False, verbose_name='日期')),
                ('previous_digest', models.CharField(blank=True, max_length=64, verbose_name='前一摘要')),
                ('digest', models.CharField(max_length=64, verbose_name='摘要')),
                ('sealed_at', models.DateTimeField(verbose_name='封存时间')),
            ],
            options={
                'verbose_name': '每日封存',
                'verbose_name_plural': '每日封存',
                'ordering': ['-day'],
            },
        ),
        migrations.CreateModel(
            name='Chain',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=100, verbose_name='对象类型')),
                ('subject_id', models.BigIntegerField(verbose_name='对象编号')),
                ('seq', models.PositiveIntegerField(default=0, verbose_name='事件数')),
                ('head', models.CharField(blank=True, default='', max_length=64, verbose_name='末端哈希')),
            ],
            options={
                'verbose_name': '事件链',
                'verbose_name_plural': '事件链',
                'constraints': [models.UniqueConstraint(fields=('kind', 'subject_id'), name='chain_one_per_subject')],
            },
        ),
        migrations.CreateModel(
            name='Digest',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField(verbose_name='日期')),
                ('created_at', models.DateTimeField(default=foundation.clock.clock.now, verbose_name='产生时间')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='用户')),
            ],
            options={
                'verbose_name': '每日汇总',
                'verbose_name_plural': '每日汇总',
                'constraints': [models.UniqueConstraint(fields=('user', 'day'), name='digest_once_a_day')],
            },
        ),
        migrations.CreateModel(
            name='Event',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('seq', models.PositiveIntegerField(verbose_name='序号')),
                ('verb', models.CharField(max_length=80, verbose_name='动作')),
                ('actor_label', models.CharField(help_text='机构与角色，不含姓名', max_length=200, verbose_name='行为人身份')),
                ('at', models.DateTimeField(verbose_name='时间')),
                ('facts', models.JSONField(default=dict, verbose_name='事实')),
                ('previous', models.CharField(blank=True, max_length=64, verbose_name='前一哈希')),
                ('hash', models.CharField(max_length=64, verbose_name='哈希')),
                ('tx', models.BigIntegerField(db_default=django.db.models.functions.comparison.Cast(django.db.models.functions.comparison.Cast(models.Func(function='pg_current_xact_id', output_field=models.TextField()), models.TextField()), models.BigIntegerField()), editable=False, verbose_name='事务号')),
                ('actor', models.ForeignKey(blank=True, help_text='空为系统', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='行为人')),
                ('chain', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='events', to='events.chain', verbose_name='事件链')),
            ],
            options={
                'verbose_name': '事件',
                'verbose_name_plural': '事件',
                'indexes': [models.Index(fields=['at'], name='event_at'), models.Index(fields=['verb', '-id'], name='event_verb')],
                'constraints': [models.UniqueConstraint(fields=('chain', 'seq'), name='event_one_per_place'), models.CheckConstraint(condition=models.Q(models.Q(('previous', ''), ('seq', 1)), models.Q(('seq__gt', 1), models.Q(('previous', ''), _negated=True)), _connector='OR'), name='event_linked')],
            },
        ),
        migrations.CreateModel(
            name='MessageText',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('verb', models.CharField(max_length=80, verbose_name='动作')),
                ('version', models.PositiveIntegerField(verbose_name='版本')),
                ('subject', models.CharField(blank=True, max_length=120, verbose_name='标题')),
                ('body', models.TextField(blank=True, verbose_name='正文')),
                ('entered_at', models.DateTimeField(default=foundation.clock.clock.now, verbose_name='录入时间')),
                ('entered_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='录入人')),
            ],
            options={
                'verbose_name': '消息文本',
                'verbose_name_plural': '消息文本',
                'constraints': [models.UniqueConstraint(fields=('verb', 'version'), name='messagetext_once_a_version'), models.CheckConstraint(condition=models.Q(('version__gte', 1)), name='messagetext_version_from_one'), models.CheckConstraint(condition=models.Q(models.Q(('body', ''), ('subject', '')), models.Q(models.Q(('subject', ''), _negated=True), models.Q(('body', ''), _negated=True)), _connector='OR'), name='messagetext_whole')],
            },
        ),
        migrations.CreateModel(
            name='Notification',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('audience_kind', models.CharField(max_length=30, verbose_name='受众类型')),
                ('audience_id', models.BigIntegerField(verbose_name='受众编号')),
                ('created_at', models.DateTimeField(default=foundation.clock.clock.now, verbose_name='产生时间')),
                ('resolved_at', models.DateTimeField(blank=True, help_text='已为每位成员建立投递记录', null=True, verbose_name='分发时间')),
                ('event', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='notifications', to='events.event', verbose_name='事件')),
            ],
            options={
                'verbose_name': '消息',
                'verbose_name_plural': '消息',
                'indexes': [models.Index(fields=['audience_kind', 'audience_id', '-created_at', '-id'], name='notification_inbox'), models.Index(condition=models.Q(('resolved_at', None)), fields=['created_at'], name='notification_unresolved')],
                'constraints': [models.UniqueConstraint(fields=('event', 'audience_kind', 'audience_id'), name='notification_once_per_audience')],
            },
        ),
        migrations.CreateModel(
            name='DigestLine',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('gathered_at', models.DateTimeField(default=foundation.clock.clock.now, verbose_name='收集时间')),
                ('digest', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='lines', to='events.digest', verbose_name='每日汇总')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='用户')),
                ('notification', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='events.notification', verbose_name='消息')),
            ],
            options={
                'verbose_name': '汇总内容',
                'verbose_name_plural': '汇总内容',
                'indexes': [models.Index(condition=models.Q(('digest', None)), fields=['user', 'gathered_at'], name='digestline_waiting')],
                'constraints': [models.UniqueConstraint(fields=('notification', 'user'), name='digestline_once')],
            },
        ),
        migrations.CreateModel(
            name='Delivery',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('channel', models.CharField(choices=[('mail', '电子邮件'), ('sms', '短信')], default='mail', max_length=10, verbose_name='渠道')),
                ('attempts', models.PositiveSmallIntegerField(default=0, verbose_name='尝试次数')),
                ('sent_at', models.DateTimeField(blank=True, null=True, verbose_name='发出时间')),
                ('last_error', models.CharField(blank=True, max_length=200, verbose_name='最近错误')),
                ('next_try_at', models.DateTimeField(blank=True, default=foundation.clock.clock.now, null=True, verbose_name='下次尝试')),
                ('given_up_at', models.DateTimeField(blank=True, null=True, verbose_name='放弃时间')),
                ('user', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='用户')),
                ('digest', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='deliveries', to='events.digest', verbose_name='每日汇总')),
                ('notification', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='deliveries', to='events.notification', verbose_name='消息')),
            ],
            options={
                'verbose_name': '投递',
                'verbose_name_plural': '投递',
                'indexes': [models.Index(condition=models.Q(('next_try_at__isnull', False)), fields=['next_try_at'], name='delivery_due'), models.Index(condition=models.Q(('given_up_at__isnull', False)), fields=['given_up_at'], name='delivery_given_up')],
                'constraints': [models.UniqueConstraint(fields=('notification', 'user', 'channel'), name='delivery_once'), models.UniqueConstraint(fields=('digest', 'channel'), name='delivery_digest_once'), models.UniqueConstraint(condition=models.Q(('user', None)), fields=('notification',), name='delivery_mailbox_once'), models.CheckConstraint(condition=models.Q(('user__isnull', False), models.Q(('channel', 'mail'), ('digest__isnull', True)), _connector='OR'), name='delivery_mailbox_by_mail'), models.CheckConstraint(condition=models.Q(models.Q(('digest__isnull', True), ('notification__isnull', False)), models.Q(('digest__isnull', False), ('notification__isnull', True)), _connector='OR'), name='delivery_of_one_thing'), models.CheckConstraint(condition=models.Q(models.Q(('given_up_at__isnull', True), ('next_try_at__isnull', False), ('sent_at__isnull', True)), models.Q(('given_up_at__isnull', True), ('next_try_at__isnull', True), ('sent_at__isnull', False)), models.Q(('given_up_at__isnull', False), ('next_try_at__isnull', True), ('sent_at__isnull', True)), _connector='OR'), name='delivery_in_one_state')],
            },
        ),
        migrations.CreateModel(
            name='Preference',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('act', '需要我办理'), ('deadline', '期限提醒'), ('result', '决定与拨付'), ('progress', '办理进度'), ('account', '系统与账号')], max_length=12, verbose_name='消息类别')),
                ('timing', models.CharField(choices=[('now', '即时发送'), ('digest', '每日汇总'), ('inbox', '只在站内')], max_length=10, verbose_name='何时')),
                ('mail', models.BooleanField(verbose_name='电子邮件')),
                ('sms', models.BooleanField(verbose_name='短信')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='用户')),
            ],
            options={
                'verbose_name': '通知设置',
                'verbose_name_plural': '通知设置',
                'constraints': [models.UniqueConstraint(fields=('user', 'kind'), name='preference_once_a_kind'), models.CheckConstraint(condition=models.Q(models.Q(('kind__in', ['act', 'deadline']), _negated=True), ('timing', 'digest'), models.Q(('timing', 'now'), models.Q(('mail', True), ('sms', True), _connector='OR')), _connector='OR'), name='preference_must_reach')],
            },
        ),
        migrations.CreateModel(
            name='ReadMark',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(default=foundation.clock.clock.now, verbose_name='阅读时间')),
                ('notification', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='read_marks', to='events.notification', verbose_name='消息')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='用户')),
            ],
            options={
                'verbose_name': '已读',
                'verbose_name_plural': '已读',
                'constraints': [models.UniqueConstraint(fields=('notification', 'user'), name='readmark_once')],
            },
        ),
        migrations.CreateModel(
            name='SealExport',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('target', models.CharField(max_length=300, verbose_name='去处')),
                ('attempts', models.PositiveIntegerField(default=0, verbose_name='尝试次数')),
                ('exported_at', models.DateTimeField(blank=True, null=True, verbose_name='导出时间')),
                ('last_error', models.CharField(blank=True, max_length=200, verbose_name='最近错误')),
                ('seal', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='exports', to='events.dailyseal', verbose_name='封存')),
            ],
            options={
                'verbose_name': '封存导出',
                'verbose_name_plural': '封存导出',
                'constraints': [models.UniqueConstraint(fields=('seal', 'target'), name='sealexport_once')],
            },
        ),
        migrations.CreateModel(
            name='SealLine',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=100, verbose_name='对象类型')),
                ('subject_id', models.BigIntegerField(verbose_name='对象编号')),
                ('seq', models.PositiveIntegerField(verbose_name='事件数')),
                ('head', models.CharField(max_length=64, verbose_name='末端哈希')),
                ('seal', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='lines', to='events.dailyseal', verbose_name='封存')),
            ],
            options={
                'verbose_name': '封存明细',
                'verbose_name_plural': '封存明细',
                'constraints': [models.UniqueConstraint(fields=('kind', 'subject_id', 'seq'), name='sealline_once')],
            },
        ),
        foundation.events.add_triggers.AddTriggers(
            triggers=[('dailyseal', pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='c2493bf7b5f8e11bf00b5e3be949e3fe79833394', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_487e3', table='events_dailyseal', when='BEFORE'))), ('event', pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='4b1eecde6236a8a8cd8d356baf3b85df512e684a', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_affb7', table='events_event', when='BEFORE'))), ('messagetext', pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='134a18f37cfd21d9fc2a89578614be0c6cbd5d8a', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_68e55', table='events_messagetext', when='BEFORE'))), ('sealline', pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='25702986b9fb219b434435170cd6be24b69cb32d', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_98936', table='events_sealline', when='BEFORE')))],
        ),
    ]
