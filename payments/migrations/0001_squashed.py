import django.db.models.deletion
import django_fsm
import foundation.accounts.fields
import foundation.clock.clock
import foundation.events.add_triggers
import pgtrigger.compiler
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    replaces = [('payments', '0001_initial'), ('payments', '0002_checks_name_null'), ('payments', '0003_the_other_verbs'), ('payments', '0004_state_guards_by_condition'), ('payments', '0005_deputies_and_recusals')]

    initial = True

    dependencies = [
        ('accounts', '0001_squashed'),
        ('applications', '0001_squashed'),
        ('measures', '0001_squashed'),
    ]

    operations = [
        migrations.CreateModel(
            name='RecoveryOrder',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.CharField(max_length=40, unique=True, verbose_name='追回编号')),
                ('amount', models.DecimalField(decimal_places=2, max_digits=16, verbose_name='应追回金额（元）')),
                ('recovered', models.DecimalField(decimal_places=2, default=0, max_digits=16, verbose_name='已追回金额（元）')),
                ('state', django_fsm.FSMField(choices=[('ordered', '待追回'), ('partly_recovered', '部分追回'), ('recovered', '已追回'), ('written_off', '已核销')], default='ordered', max_length=50, protected=True, verbose_name='状态')),
                ('version', models.PositiveIntegerField(default=0)),
                ('due_on', models.DateField(verbose_name='缴回期限')),
                ('ordered_at', models.DateTimeField(default=foundation.clock.clock.now, verbose_name='决定时间')),
                ('ended_at', models.DateTimeField(null=True, verbose_name='办结时间')),
                ('reason', models.CharField(blank=True, max_length=300, verbose_name='核销理由')),
                ('application', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='recovery', to='applications.application')),
                ('office', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.office')),
                ('ordered_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('written_off_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': '追回',
                'verbose_name_plural': '追回',
                'ordering': ['-pk'],
                'constraints': [models.CheckConstraint(condition=models.Q(('amount__gt', 0)), name='recovery_positive'), models.CheckConstraint(condition=models.Q(models.Q(('recovered', 0), ('state', 'ordered')), models.Q(('recovered__gt', 0), ('recovered__lt', models.F('amount')), ('state', 'partly_recovered')), models.Q(('recovered', models.F('amount')), ('state', 'recovered')), models.Q(('recovered__gte', 0), ('recovered__lt', models.F('amount')), ('state', 'written_off')), _connector='OR'), name='recovery_amount_by_state'), models.CheckConstraint(condition=models.Q(models.Q(('ended_at', None), ('reason', ''), ('state__in', ['ordered', 'partly_recovered']), ('written_off_by', None)), models.Q(('ended_at__isnull', False), ('reason', ''), ('state', 'recovered'), ('written_off_by', None)), models.Q(models.Q(('reason', ''), _negated=True), ('ended_at__isnull', False), ('state', 'written_off'), ('written_off_by__isnull', False)), _connector='OR'), name='recovery_ended_facts')],
            },
            bases=(django_fsm.FSMModelMixin, models.Model),
        ),
        migrations.CreateModel(
            name='RecoveryReceipt',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reference', models.CharField(max_length=60, unique=True, verbose_name='缴款凭证号')),
                ('amount', models.DecimalField(decimal_places=2, max_digits=16, verbose_name='金额（元）')),
                ('received_on', models.DateField(verbose_name='缴回日期')),
                ('entered_at', models.DateTimeField(default=foundation.clock.clock.now)),
                ('entered_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('order', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='receipts', to='payments.recoveryorder')),
            ],
            options={
                'verbose_name': '缴回记录',
                'verbose_name_plural': '缴回记录',
                'ordering': ['order', 'pk'],
                'constraints': [models.CheckConstraint(condition=models.Q(('amount__gt', 0)), name='recovery_receipt_positive')],
            },
        ),
        migrations.CreateModel(
            name='Disbursement',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.CharField(max_length=40, unique=True, verbose_name='拨付编号')),
                ('amount', models.DecimalField(decimal_places=2, max_digits=16, verbose_name='金额（元）')),
                ('payee_name', models.CharField(max_length=120, verbose_name='收款户名')),
                ('payee_bank', models.CharField(max_length=80, verbose_name='开户银行')),
                ('payee_account', foundation.accounts.fields.EncryptedTextField(verbose_name='银行账号')),
                ('payee_fingerprint', models.CharField(editable=False, max_length=64)),
                ('state', django_fsm.FSMField(choices=[('ordered', '待复核'), ('released', '支付中'), ('confirmed', '已拨付'), ('returned', '已退回')], default='ordered', max_length=50, protected=True, verbose_name='状态')),
                ('version', models.PositiveIntegerField(default=0)),
                ('ordered_at', models.DateTimeField(default=foundation.clock.clock.now)),
                ('released_at', models.DateTimeField(null=True)),
                ('returned_at', models.DateTimeField(null=True)),
                ('reason', models.CharField(blank=True, max_length=300, verbose_name='退回理由')),
                ('confirmed_at', models.DateTimeField(null=True)),
                ('reference', models.CharField(blank=True, max_length=60, verbose_name='支付凭证号')),
                ('paid_on', models.DateField(null=True, verbose_name='支付日期')),
                ('paid_amount', models.DecimalField(decimal_places=2, max_digits=16, null=True, verbose_name='实付金额（元）')),
                ('application', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='disbursements', to='applications.application')),
                ('confirmed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('fund', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='disbursements', to='measures.specialfund')),
                ('office', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.office')),
                ('ordered_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('ordered_for', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('released_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('released_for', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': '拨付',
                'verbose_name_plural': '拨付',
                'ordering': ['-pk'],
                'indexes': [models.Index(fields=['office', 'state', '-id'], name='disbursement_queue')],
                'constraints': [models.CheckConstraint(condition=models.Q(('amount__gt', 0)), name='disbursement_positive'), models.UniqueConstraint(condition=models.Q(('state', 'returned'), _negated=True), fields=('application',), name='disbursement_one_live'), models.UniqueConstraint(condition=models.Q(('reference', ''), _negated=True), fields=('reference',), name='disbursement_reference_once'), models.CheckConstraint(condition=models.Q(('released_by__isnull', True), models.Q(models.Q(('released_by__isnull', True), ('ordered_by__isnull', True), models.Q(('released_by', models.F('ordered_by')), _negated=True), _connector='OR'), models.Q(('released_by__isnull', True), ('ordered_for__isnull', True), models.Q(('released_by', models.F('ordered_for')), _negated=True), _connector='OR'), models.Q(('released_for__isnull', True), ('ordered_by__isnull', True), models.Q(('released_for', models.F('ordered_by')), _negated=True), _connector='OR'), models.Q(('released_for__isnull', True), ('ordered_for__isnull', True), models.Q(('released_for', models.F('ordered_for')), _negated=True), _connector='OR')), _connector='OR'), name='disbursement_two_people'), models.CheckConstraint(condition=models.Q(models.Q(('state__in', ['released', 'confirmed']), _negated=True), models.Q(('released_at__isnull', False), ('released_by__isnull', False)), _connector='OR'), name='disbursement_released_facts'), models.CheckConstraint(condition=models.Q(models.Q(('confirmed_at__isnull', False), ('confirmed_by__isnull', False), ('paid_amount', models.F('amount')), ('paid_amount__isnull', False), ('paid_on__isnull', False), ('state', 'confirmed'), models.Q(('reference', ''), _negated=True)), models.Q(models.Q(('state', 'confirmed'), _negated=True), ('confirmed_at', None), ('paid_amount', None), ('paid_on', None), ('reference', '')), _connector='OR'), name='disbursement_confirmed_facts'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'returned'), _negated=True), models.Q(('reason', ''), _negated=True), _connector='OR'), name='disbursement_returned_reason')],
            },
            bases=(django_fsm.FSMModelMixin, models.Model),
        ),
        foundation.events.add_triggers.AddTriggers(
            triggers=[('disbursement', pgtrigger.compiler.Trigger(name='refuses_recused', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n            IF EXISTS (\n                SELECT 1 FROM applications_recusal kept_out\n                JOIN applications_application the_case ON the_case.id = NEW.application_id\n                WHERE kept_out.lifted_at IS NULL\n                    AND (kept_out.application_id = the_case.id\n                         OR kept_out.enterprise_id = the_case.enterprise_id)\n                    AND ((kept_out.person_id = NEW.ordered_by_id AND (TG_OP = 'INSERT' OR NEW.ordered_by_id IS DISTINCT FROM OLD.ordered_by_id)) OR (kept_out.person_id = NEW.released_by_id AND (TG_OP = 'INSERT' OR NEW.released_by_id IS DISTINCT FROM OLD.released_by_id)) OR (kept_out.person_id = NEW.confirmed_by_id AND (TG_OP = 'INSERT' OR NEW.confirmed_by_id IS DISTINCT FROM OLD.confirmed_by_id)))\n            ) THEN\n                RAISE EXCEPTION '%: somebody who keeps out of case % signed', TG_TABLE_NAME, NEW.application_id\n                    USING ERRCODE = 'check_violation';\n            END IF;\n            RETURN NEW;\n        ", hash='f8d2a124df5a2e7d4e8ed422d4438111f5d63881', operation='INSERT OR UPDATE OF "ordered_by_id", "released_by_id", "confirmed_by_id"', pgid='pgtrigger_refuses_recused_4c0f3', table='payments_disbursement', when='BEFORE'))), ('disbursement', pgtrigger.compiler.Trigger(name='state_begins', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (NEW."state" NOT IN (\'ordered\'))', func='\n                RAISE EXCEPTION \'%: a row may not begin in state %\', TG_TABLE_NAME, NEW."state"\n                    USING ERRCODE = \'check_violation\';\n            ', hash='60c322474f208bc2f3204cb36e92c540eb1f9d7e', operation='INSERT', pgid='pgtrigger_state_begins_086aa', table='payments_disbursement', when='BEFORE'))), ('disbursement', pgtrigger.compiler.Trigger(name='state_machine', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (NEW."state" IS DISTINCT FROM OLD."state" AND NOT ((OLD."state" = \'ordered\' AND NEW."state" IN (\'released\', \'returned\')) OR (OLD."state" = \'released\' AND NEW."state" IN (\'confirmed\'))))', func='\n                RAISE EXCEPTION \'% %: no transition from % to %\',\n                    TG_TABLE_NAME, NEW.id, OLD."state", NEW."state"\n                    USING ERRCODE = \'check_violation\';\n            ', hash='1111e66ed50919178d4b814d3e856e19ae50964b', operation='UPDATE OF "state"', pgid='pgtrigger_state_machine_97af2', table='payments_disbursement', when='BEFORE'))), ('disbursement', pgtrigger.compiler.Trigger(name='state_has_event', sql=pgtrigger.compiler.UpsertTriggerSql(constraint='CONSTRAINT', func='\n            IF TG_OP = \'UPDATE\' THEN\n                IF NEW."state" IS NOT DISTINCT FROM OLD."state" THEN\n                    RETURN NULL;\n                END IF;\n            END IF;\n            IF NOT EXISTS (\n                SELECT 1 FROM events_event event JOIN events_chain chain ON chain.id = event.chain_id\n                WHERE chain.kind = \'payments.disbursement\' AND chain.subject_id = NEW.id\n                    AND event.tx = (pg_current_xact_id()::text)::bigint\n            ) THEN\n                RAISE EXCEPTION \'% %: state % without an event of the same transaction\',\n                    TG_TABLE_NAME, NEW.id, NEW."state"\n                    USING ERRCODE = \'check_violation\';\n            END IF;\n            RETURN NULL;\n        ', hash='8eb2fb6c8499713a379f4b97166226a47754a8d8', operation='INSERT OR UPDATE OF "state"', pgid='pgtrigger_state_has_event_b06c2', table='payments_disbursement', timing='DEFERRABLE INITIALLY DEFERRED', when='AFTER'))), ('recoveryorder', pgtrigger.compiler.Trigger(name='state_begins', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (NEW."state" NOT IN (\'ordered\'))', func='\n                RAISE EXCEPTION \'%: a row may not begin in state %\', TG_TABLE_NAME, NEW."state"\n                    USING ERRCODE = \'check_violation\';\n            ', hash='09312461ac59cafb2ee309395fc0bd2516d60d49', operation='INSERT', pgid='pgtrigger_state_begins_5c875', table='payments_recoveryorder', when='BEFORE'))), ('recoveryorder', pgtrigger.compiler.Trigger(name='state_machine', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (NEW."state" IS DISTINCT FROM OLD."state" AND NOT ((OLD."state" = \'ordered\' AND NEW."state" IN (\'partly_recovered\', \'recovered\', \'written_off\')) OR (OLD."state" = \'partly_recovered\' AND NEW."state" IN (\'recovered\', \'written_off\'))))', func='\n                RAISE EXCEPTION \'% %: no transition from % to %\',\n                    TG_TABLE_NAME, NEW.id, OLD."state", NEW."state"\n                    USING ERRCODE = \'check_violation\';\n            ', hash='63fa1616943b1a8e7da694bd11ce5166d31fdfb0', operation='UPDATE OF "state"', pgid='pgtrigger_state_machine_8f487', table='payments_recoveryorder', when='BEFORE'))), ('recoveryorder', pgtrigger.compiler.Trigger(name='state_has_event', sql=pgtrigger.compiler.UpsertTriggerSql(constraint='CONSTRAINT', func='\n            IF TG_OP = \'UPDATE\' THEN\n                IF NEW."state" IS NOT DISTINCT FROM OLD."state" THEN\n                    RETURN NULL;\n                END IF;\n            END IF;\n            IF NOT EXISTS (\n                SELECT 1 FROM events_event event JOIN events_chain chain ON chain.id = event.chain_id\n                WHERE chain.kind = \'payments.recoveryorder\' AND chain.subject_id = NEW.id\n                    AND event.tx = (pg_current_xact_id()::text)::bigint\n            ) THEN\n                RAISE EXCEPTION \'% %: state % without an event of the same transaction\',\n                    TG_TABLE_NAME, NEW.id, NEW."state"\n                    USING ERRCODE = \'check_violation\';\n            END IF;\n            RETURN NULL;\n        ', hash='e337456fab13764eac2607cc2cd721e121c66a5d', operation='INSERT OR UPDATE OF "state"', pgid='pgtrigger_state_has_event_ca7aa', table='payments_recoveryorder', timing='DEFERRABLE INITIALLY DEFERRED', when='AFTER'))), ('recoveryreceipt', pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='96cd9102feee834b739e2a61f4689343e1f11cd1', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_349ae', table='payments_recoveryreceipt', when='BEFORE')))],
        ),
    ]
