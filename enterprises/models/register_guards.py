"""Triggers of the register: a code, current or former, is one enterprise's; a parent is no branch.

They look after the row was written: whoever waited for another transaction's code sees what that one left.
"""

import pgtrigger

_TAKEN = "USING ERRCODE = 'unique_violation'"
_REFUSE = "USING ERRCODE = 'check_violation'"

CODE_IS_NOBODY_ELSES = pgtrigger.Trigger(
    name="code_is_nobody_elses",
    when=pgtrigger.After,
    operation=pgtrigger.Insert | pgtrigger.UpdateOf("uscc"),
    func=f"""
        IF EXISTS (
            SELECT 1 FROM enterprises_formercode WHERE code = NEW.uscc AND enterprise_id <> NEW.id
        ) THEN
            RAISE EXCEPTION 'code % was another enterprise''s', NEW.uscc {_TAKEN};
        END IF;
        RETURN NULL;
    """,  # noqa: S608  made of constants
)

FORMER_CODE_IS_NOBODY_ELSES = pgtrigger.Trigger(
    name="former_code_is_nobody_elses",
    when=pgtrigger.After,
    operation=pgtrigger.Insert,
    func=f"""
        IF EXISTS (
            SELECT 1 FROM enterprises_enterprise WHERE uscc = NEW.code AND id <> NEW.enterprise_id
        ) THEN
            RAISE EXCEPTION 'code % is another enterprise''s', NEW.code {_TAKEN};
        END IF;
        RETURN NULL;
    """,  # noqa: S608
)

PARENT_IS_A_LEGAL_PERSON = pgtrigger.Trigger(
    name="parent_is_a_legal_person",
    when=pgtrigger.After,
    operation=pgtrigger.Insert | pgtrigger.UpdateOf("parent_id", "legal_form"),
    func=f"""
        IF NEW.parent_id IS NOT NULL AND EXISTS (
            SELECT 1 FROM enterprises_enterprise WHERE id = NEW.parent_id AND legal_form = 'branch'
        ) THEN
            RAISE EXCEPTION 'a branch has no branches' {_REFUSE};
        END IF;
        IF NEW.legal_form = 'branch' AND EXISTS (
            SELECT 1 FROM enterprises_enterprise WHERE parent_id = NEW.id
        ) THEN
            RAISE EXCEPTION 'enterprise % has branches', NEW.id {_REFUSE};
        END IF;
        RETURN NULL;
    """,  # noqa: S608
)
