import foundation.events.add_triggers
import pgtrigger.compiler
from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('tracking', '0001_squashed'),
    ]

    operations = [
        foundation.events.add_triggers.AddTriggers(
            triggers=[('referral', pgtrigger.compiler.Trigger(name='state_has_event', sql=pgtrigger.compiler.UpsertTriggerSql(constraint='CONSTRAINT', declare='DECLARE its_chain bigint; last_tx bigint;', func='\n            IF TG_OP = \'UPDATE\' THEN\n                IF NEW."state" IS NOT DISTINCT FROM OLD."state" THEN\n                    RETURN NULL;\n                END IF;\n            END IF;\n            SELECT id INTO its_chain FROM events_chain WHERE kind = \'tracking.referral\' AND subject_id = NEW.id;\n            SELECT tx INTO last_tx FROM events_event WHERE chain_id = its_chain ORDER BY seq DESC LIMIT 1;\n            IF last_tx IS DISTINCT FROM (pg_current_xact_id()::text)::bigint THEN\n                RAISE EXCEPTION \'% %: state % without an event of the same transaction\',\n                    TG_TABLE_NAME, NEW.id, NEW."state"\n                    USING ERRCODE = \'check_violation\';\n            END IF;\n            RETURN NULL;\n        ', hash='ab52118b6b8741be0dd7cc14018470c42db184f4', operation='INSERT OR UPDATE OF "state"', pgid='pgtrigger_state_has_event_77c51', table='tracking_referral', timing='DEFERRABLE INITIALLY DEFERRED', when='AFTER')))],
        ),
    ]
