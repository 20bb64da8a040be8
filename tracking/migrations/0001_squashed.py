import django.db.models.deletion
import django_fsm
import foundation.accounts.fields
import foundation.clock.clock
import foundation.events.add_triggers
import pgtrigger.compiler
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    replaces = [('tracking', '0001_initial'), ('tracking', '0002_actions_and_referrals'), ('tracking', '0003_specialists')]

    initial = True

    dependencies = [
        ('accounts', '0001_squashed'),
        ('enterprises', '0001_squashed'),
        ('files', '0001_initial'),
        ('measures', '0001_squashed'),
    ]

    operations = [
        migrations.CreateModel(
            name='QuarterReport',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('year', models.PositiveSmallIntegerField(verbose_name='年度')),
                ('quarter', models.PositiveSmallIntegerField(verbose_name='季度')),
                ('preliminary', models.BooleanField(verbose_name='季度进行中，为初步数')),
                ('as_of', models.DateTimeField(verbose_name='数据截至')),
                ('compiled_at', models.DateTimeField(default=foundation.clock.clock.now, verbose_name='编制时间')),
                ('compiled_by', models.CharField(max_length=100, verbose_name='编制人')),
                ('data', models.JSONField(verbose_name='内容')),
            ],
            options={
                'verbose_name': '季度报告',
                'verbose_name_plural': '季度报告',
                'ordering': ['-year', '-quarter', '-pk'],
                'indexes': [models.Index(fields=['year', 'quarter', '-id'], name='report_latest')],
                'constraints': [models.CheckConstraint(condition=models.Q(('quarter__gte', 1), ('quarter__lte', 4)), name='report_quarter')],
            },
        ),
        migrations.CreateModel(
            name='SpecialistAssignment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('since', models.DateField(verbose_name='服务起')),
                ('assigned_at', models.DateTimeField(default=foundation.clock.clock.now, verbose_name='指派时间')),
                ('until', models.DateField(null=True, verbose_name='服务止')),
                ('ending', models.CharField(blank=True, max_length=200, verbose_name='结束的理由')),
                ('assigned_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='指派人')),
                ('ended_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='结束人')),
                ('enterprise', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='specialist_assignments', to='enterprises.enterprise', verbose_name='企业')),
                ('office', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.office', verbose_name='单位')),
                ('specialist', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='served_assignments', to=settings.AUTH_USER_MODEL, verbose_name='服务专员')),
            ],
            options={
                'verbose_name': '服务关系',
                'verbose_name_plural': '服务关系',
                'ordering': ['-since', '-pk'],
                'indexes': [models.Index(condition=models.Q(('until', None)), fields=['specialist'], name='assignment_of_specialist'), models.Index(fields=['enterprise', '-id'], name='assignment_of_enterprise')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('until', None)), fields=('enterprise', 'office'), name='assignment_one_open'), models.CheckConstraint(condition=models.Q(('assigned_by', models.F('specialist')), _negated=True), name='assignment_given_by_another'), models.CheckConstraint(condition=models.Q(models.Q(('ended_by', None), ('ending', ''), ('until', None)), models.Q(('ended_by__isnull', False), ('until__gte', models.F('since')), models.Q(('ending', ''), _negated=True)), _connector='OR'), name='assignment_closed_whole')],
            },
        ),
        migrations.CreateModel(
            name='ServiceContact',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('channel', models.CharField(choices=[('phone', '电话'), ('visit', '上门走访'), ('meeting', '来访或会议'), ('online', '线上')], max_length=10, verbose_name='方式')),
                ('on', models.DateField(verbose_name='日期')),
                ('about', models.CharField(max_length=100, verbose_name='事由')),
                ('result', models.CharField(max_length=500, verbose_name='结果')),
                ('at', models.DateTimeField(default=foundation.clock.clock.now, verbose_name='登记时间')),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='登记人')),
                ('assignment', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='contacts', to='tracking.specialistassignment', verbose_name='服务关系')),
            ],
            options={
                'verbose_name': '服务联系',
                'verbose_name_plural': '服务联系',
                'ordering': ['-on', '-pk'],
                'indexes': [models.Index(fields=['assignment', '-on', '-id'], name='contact_of_assignment')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('about', ''), _negated=True), models.Q(('result', ''), _negated=True)), name='contact_says_what')],
            },
        ),
        migrations.CreateModel(
            name='MeasureAction',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('done_on', models.DateField(verbose_name='行动日期')),
                ('text', models.CharField(max_length=500, verbose_name='做了什么')),
                ('figure', models.DecimalField(decimal_places=2, max_digits=16, null=True, verbose_name='数量')),
                ('unit', models.CharField(blank=True, max_length=20, verbose_name='计量单位')),
                ('source', models.CharField(max_length=200, verbose_name='来源文件')),
                ('url', models.URLField(blank=True, max_length=400, verbose_name='来源网址')),
                ('at', models.DateTimeField(default=foundation.clock.clock.now, verbose_name='登记时间')),
                ('reason', models.CharField(blank=True, max_length=200, verbose_name='更正理由')),
                ('void', models.BooleanField(default=False, verbose_name='误登记，撤下')),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='登记人')),
                ('corrects', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='corrected_by', to='tracking.measureaction', verbose_name='更正哪一条')),
                ('item', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='actions', to='measures.item', verbose_name='事项')),
                ('office', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.office', verbose_name='责任单位')),
            ],
            options={
                'verbose_name': '行动记录',
                'verbose_name_plural': '行动记录',
                'ordering': ['-done_on', '-pk'],
                'indexes': [models.Index(fields=['item', '-done_on', '-id'], name='action_of_item')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('text', ''), _negated=True), models.Q(('source', ''), _negated=True)), name='action_says_what_and_where'), models.CheckConstraint(condition=models.Q(models.Q(('figure__isnull', True), ('unit', '')), models.Q(('figure__gte', 0), models.Q(('unit', ''), _negated=True)), _connector='OR'), name='action_figure_with_unit'), models.CheckConstraint(condition=models.Q(models.Q(('corrects__isnull', True), ('reason', ''), ('void', False)), models.Q(('corrects__isnull', False), models.Q(('reason', ''), _negated=True)), _connector='OR'), name='action_correction_has_reason'), models.CheckConstraint(condition=models.Q(('corrects', models.F('id')), _negated=True), name='action_not_of_itself')],
            },
        ),
        migrations.CreateModel(
            name='Referral',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('text', models.CharField(max_length=1000, verbose_name='请求')),
                ('contact', foundation.accounts.fields.EncryptedTextField(verbose_name='联系人和电话')),
                ('at', models.DateTimeField(default=foundation.clock.clock.now, verbose_name='提出时间')),
                ('received_on', models.DateField(verbose_name='转到该单位的日期')),
                ('due_on', models.DateField(verbose_name='办理期限')),
                ('state', django_fsm.FSMField(choices=[('waiting', '待接收'), ('working', '办理中'), ('concluded', '已办结'), ('withdrawn', '已撤回')], default='waiting', max_length=50, protected=True, verbose_name='状态')),
                ('version', models.PositiveIntegerField(default=0)),
                ('taken_at', models.DateTimeField(null=True, verbose_name='接收时间')),
                ('ended_at', models.DateTimeField(null=True, verbose_name='办结时间')),
                ('outcome', models.CharField(blank=True, choices=[('granted', '已纳入、认定或给予支持'), ('arranged', '已对接或安排'), ('told', '已告知办理渠道'), ('unmet', '不符合条件')], max_length=8, verbose_name='结果')),
                ('result', models.CharField(blank=True, max_length=500, verbose_name='办理结果')),
                ('reference', models.CharField(blank=True, max_length=100, verbose_name='文号或凭证')),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='提出人')),
                ('document', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='files.document', verbose_name='附件')),
                ('ended_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('enterprise', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='referrals', to='enterprises.enterprise', verbose_name='企业')),
                ('item', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='referrals', to='measures.item', verbose_name='事项')),
                ('office', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.office', verbose_name='办理单位')),
                ('taken_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': '转办单',
                'verbose_name_plural': '转办单',
                'ordering': ['-at', '-pk'],
                'indexes': [models.Index(condition=models.Q(('state__in', ['waiting', 'working'])), fields=['office', 'due_on', 'id'], name='referral_waiting'), models.Index(fields=['enterprise', '-at'], name='referral_of')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('state__in', ['waiting', 'working'])), fields=('enterprise', 'item'), name='referral_one_open'), models.CheckConstraint(condition=models.Q(models.Q(('text', ''), _negated=True), models.Q(('contact', ''), _negated=True)), name='referral_says_what'), models.CheckConstraint(condition=models.Q(models.Q(('state__in', ['waiting', 'withdrawn']), ('taken_at__isnull', True), ('taken_by__isnull', True)), models.Q(('taken_at__isnull', False), ('taken_by__isnull', False), ('state__in', ['working', 'concluded', 'withdrawn'])), _connector='OR'), name='referral_taken_facts'), models.CheckConstraint(condition=models.Q(models.Q(('ended_at__isnull', True), ('ended_by__isnull', True), ('outcome', ''), ('result', ''), ('state__in', ['waiting', 'working'])), models.Q(('ended_at__isnull', False), ('ended_by__isnull', False), ('outcome', ''), ('state', 'withdrawn')), models.Q(('ended_at__isnull', False), ('ended_by__isnull', False), ('state', 'concluded'), models.Q(('outcome', ''), _negated=True), models.Q(('result', ''), _negated=True)), _connector='OR'), name='referral_ended_facts'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'concluded'), _negated=True), models.Q(('ended_by', models.F('by')), _negated=True), _connector='OR'), name='referral_not_own')],
            },
            bases=(django_fsm.FSMModelMixin, models.Model),
        ),
        foundation.events.add_triggers.AddTriggers(
            triggers=[('quarterreport', pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='34cb334538abc0d084c17c7c076e7a9327851b30', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_378ff', table='tracking_quarterreport', when='BEFORE'))), ('measureaction', pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='8a37aa5bcc95e17ea22df155643b66666c009eb6', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_6e9d3', table='tracking_measureaction', when='BEFORE'))), ('referral', pgtrigger.compiler.Trigger(name='state_begins', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (NEW."state" NOT IN (\'waiting\'))', func='\n                RAISE EXCEPTION \'%: a row may not begin in state %\', TG_TABLE_NAME, NEW."state"\n                    USING ERRCODE = \'check_violation\';\n            ', hash='f66c852e72e777e8e7cc1a3f9a802f82b9bef8d5', operation='INSERT', pgid='pgtrigger_state_begins_d36b0', table='tracking_referral', when='BEFORE'))), ('referral', pgtrigger.compiler.Trigger(name='state_machine', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (NEW."state" IS DISTINCT FROM OLD."state" AND NOT ((OLD."state" = \'waiting\' AND NEW."state" IN (\'concluded\', \'withdrawn\', \'working\')) OR (OLD."state" = \'working\' AND NEW."state" IN (\'concluded\', \'waiting\', \'withdrawn\'))))', func='\n                RAISE EXCEPTION \'% %: no transition from % to %\',\n                    TG_TABLE_NAME, NEW.id, OLD."state", NEW."state"\n                    USING ERRCODE = \'check_violation\';\n            ', hash='2363d4560fc8f41298a99d71b7290ba6cb004aec', operation='UPDATE OF "state"', pgid='pgtrigger_state_machine_02e9d', table='tracking_referral', when='BEFORE'))), ('referral', pgtrigger.compiler.Trigger(name='state_has_event', sql=pgtrigger.compiler.UpsertTriggerSql(constraint='CONSTRAINT', func='\n            IF TG_OP = \'UPDATE\' THEN\n                IF NEW."state" IS NOT DISTINCT FROM OLD."state" THEN\n                    RETURN NULL;\n                END IF;\n            END IF;\n            IF NOT EXISTS (\n                SELECT 1 FROM events_event event JOIN events_chain chain ON chain.id = event.chain_id\n                WHERE chain.kind = \'tracking.referral\' AND chain.subject_id = NEW.id\n                    AND event.tx = (pg_current_xact_id()::text)::bigint\n            ) THEN\n                RAISE EXCEPTION \'% %: state % without an event of the same transaction\',\n                    TG_TABLE_NAME, NEW.id, NEW."state"\n                    USING ERRCODE = \'check_violation\';\n            END IF;\n            RETURN NULL;\n        ', hash='43adb9eca967c8579661d65843154df558df74b4', operation='INSERT OR UPDATE OF "state"', pgid='pgtrigger_state_has_event_77c51', table='tracking_referral', timing='DEFERRABLE INITIALLY DEFERRED', when='AFTER'))), ('specialistassignment', pgtrigger.compiler.Trigger(name='only_closed', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n            IF TG_OP = 'DELETE' OR OLD.until IS NOT NULL THEN\n                RAISE EXCEPTION 'assignment % stands', OLD.id USING ERRCODE = 'check_violation';\n            END IF;\n            IF NEW.enterprise_id IS DISTINCT FROM OLD.enterprise_id OR NEW.office_id IS DISTINCT FROM OLD.office_id OR NEW.specialist_id IS DISTINCT FROM OLD.specialist_id OR NEW.since IS DISTINCT FROM OLD.since OR NEW.assigned_by_id IS DISTINCT FROM OLD.assigned_by_id OR NEW.assigned_at IS DISTINCT FROM OLD.assigned_at THEN\n                RAISE EXCEPTION 'assignment % may only be closed', OLD.id USING ERRCODE = 'check_violation';\n            END IF;\n            RETURN NEW;\n        ", hash='fc8ea67c846cf48971c8f71be2db4bd8c882a90b', operation='UPDATE OR DELETE', pgid='pgtrigger_only_closed_d2ef9', table='tracking_specialistassignment', when='BEFORE'))), ('servicecontact', pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='b7cb5873269fa5052352be1fc5c746a0dd507d32', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_d2797', table='tracking_servicecontact', when='BEFORE')))],
        ),
    ]
