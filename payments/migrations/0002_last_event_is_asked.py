import foundation.events.add_triggers
import pgtrigger.compiler
from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('payments', '0001_squashed'),
    ]

    operations = [
        foundation.events.add_triggers.AddTriggers(
            triggers=[('disbursement', pgtrigger.compiler.Trigger(name='state_has_event', sql=pgtrigger.compiler.UpsertTriggerSql(constraint='CONSTRAINT', declare='DECLARE its_chain bigint; last_tx bigint;', func='\n            IF TG_OP = \'UPDATE\' THEN\n                IF NEW."state" IS NOT DISTINCT FROM OLD."state" THEN\n                    RETURN NULL;\n                END IF;\n            END IF;\n            SELECT id INTO its_chain FROM events_chain WHERE kind = \'payments.disbursement\' AND subject_id = NEW.id;\n            SELECT tx INTO last_tx FROM events_event WHERE chain_id = its_chain ORDER BY seq DESC LIMIT 1;\n            IF last_tx IS DISTINCT FROM (pg_current_xact_id()::text)::bigint THEN\n                RAISE EXCEPTION \'% %: state % without an event of the same transaction\',\n                    TG_TABLE_NAME, NEW.id, NEW."state"\n                    USING ERRCODE = \'check_violation\';\n            END IF;\n            RETURN NULL;\n        ', hash='cd07a88d09911bd31b86a7e82f356b5a57eade82', operation='INSERT OR UPDATE OF "state"', pgid='pgtrigger_state_has_event_b06c2', table='payments_disbursement', timing='DEFERRABLE INITIALLY DEFERRED', when='AFTER'))), ('recoveryorder', pgtrigger.compiler.Trigger(name='state_has_event', sql=pgtrigger.compiler.UpsertTriggerSql(constraint='CONSTRAINT', declare='DECLARE its_chain bigint; last_tx bigint;', func='\n            IF TG_OP = \'UPDATE\' THEN\n                IF NEW."state" IS NOT DISTINCT FROM OLD."state" THEN\n                    RETURN NULL;\n                END IF;\n            END IF;\n            SELECT id INTO its_chain FROM events_chain WHERE kind = \'payments.recoveryorder\' AND subject_id = NEW.id;\n            SELECT tx INTO last_tx FROM events_event WHERE chain_id = its_chain ORDER BY seq DESC LIMIT 1;\n            IF last_tx IS DISTINCT FROM (pg_current_xact_id()::text)::bigint THEN\n                RAISE EXCEPTION \'% %: state % without an event of the same transaction\',\n                    TG_TABLE_NAME, NEW.id, NEW."state"\n                    USING ERRCODE = \'check_violation\';\n            END IF;\n            RETURN NULL;\n        ', hash='492ca35b2a15db84a540584ebb6aa80551e9b1bf', operation='INSERT OR UPDATE OF "state"', pgid='pgtrigger_state_has_event_ca7aa', table='payments_recoveryorder', timing='DEFERRABLE INITIALLY DEFERRED', when='AFTER')))],
        ),
    ]
