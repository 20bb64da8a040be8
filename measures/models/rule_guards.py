"""Triggers of rules: what was approved stands, and no award row exceeds what the policy allows its item."""

import pgtrigger

_REFUSE = "USING ERRCODE = 'check_violation'"


def approved_stands() -> pgtrigger.Trigger:
    """A version begins as a draft; approved, it is neither changed nor deleted. The moment of approval checks
    the whole: at least one condition, all rates together and each amount within the item's ceilings (which
    may have been lowered since the rows were written)."""
    return pgtrigger.Trigger(
        name="approved_stands",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
        declare=[("ceiling", "record"), ("given", "record")],
        func=f"""
            IF TG_OP = 'INSERT' THEN
                IF NEW.approved_at IS NOT NULL THEN
                    RAISE EXCEPTION 'a rule version begins as a draft' {_REFUSE};
                END IF;
                RETURN NEW;
            END IF;
            IF OLD.approved_at IS NOT NULL THEN
                RAISE EXCEPTION 'rule version % is approved and stands', OLD.id {_REFUSE};
            END IF;
            IF TG_OP = 'DELETE' THEN
                RETURN OLD;
            END IF;
            IF NEW.approved_at IS NOT NULL THEN
                IF NOT EXISTS (SELECT 1 FROM measures_condition WHERE rule_id = NEW.id) THEN
                    RAISE EXCEPTION 'rule version % has no condition', NEW.id {_REFUSE};
                END IF;
                SELECT item.ceiling_rate AS rate, item.ceiling_amount AS amount INTO ceiling
                    FROM measures_callitem line JOIN measures_item item ON item.id = line.item_id
                    WHERE line.id = NEW.call_item_id;
                SELECT SUM(rate) AS rate, MAX(amount) AS amount INTO given
                    FROM measures_awardrow WHERE rule_id = NEW.id;
                IF given.rate > ceiling.rate OR given.amount > ceiling.amount THEN
                    RAISE EXCEPTION 'rule version % exceeds the ceiling of its item', NEW.id {_REFUSE};
                END IF;
            END IF;
            RETURN NEW;
        """,  # noqa: S608  made of constants
    )


def rows_of_drafts_only(within_ceiling: bool = False) -> pgtrigger.Trigger:
    """Rows of an approved version can't be added, changed or removed. within_ceiling: nor may a row's rate
    or amount exceed the ceiling of the item, or a floor lift an award above a ceiling rate."""
    ceiling = f"""
            IF TG_OP <> 'DELETE' THEN
                SELECT item.ceiling_rate AS rate, item.ceiling_amount AS amount INTO ceiling
                    FROM measures_ruleversion rule
                    JOIN measures_callitem line ON line.id = rule.call_item_id
                    JOIN measures_item item ON item.id = line.item_id
                    WHERE rule.id = NEW.rule_id;
                IF NEW.rate > ceiling.rate OR NEW.amount > ceiling.amount
                    OR NEW.kind = 'floor' AND ceiling.rate IS NOT NULL
                THEN
                    RAISE EXCEPTION 'award row exceeds the ceiling of its item' {_REFUSE};
                END IF;
            END IF;
    """  # noqa: S608  made of constants
    return pgtrigger.Trigger(
        name="rows_of_drafts_only",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
        declare=[("approved", "bigint"), ("ceiling", "record")],
        # The share lock lets an approval at the same time wait for this row, or this row for the approval.
        func=f"""
            SELECT COUNT(*) INTO approved FROM (
                SELECT approved_at FROM measures_ruleversion
                WHERE id IN (
                    CASE WHEN TG_OP = 'INSERT' THEN NEW.rule_id ELSE OLD.rule_id END,
                    CASE WHEN TG_OP = 'DELETE' THEN OLD.rule_id ELSE NEW.rule_id END
                )
                ORDER BY id FOR SHARE
            ) rule WHERE rule.approved_at IS NOT NULL;
            IF approved > 0 THEN
                RAISE EXCEPTION '%: the rule version is approved and stands', TG_TABLE_NAME {_REFUSE};
            END IF;
            {ceiling if within_ceiling else ""}
            IF TG_OP = 'DELETE' THEN
                RETURN OLD;
            END IF;
            RETURN NEW;
        """,  # noqa: S608  made of constants
    )
