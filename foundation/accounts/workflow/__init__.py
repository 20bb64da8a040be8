"""The verbs around accounts, posts, deputies and leaving. Each raises AccountRefused, in Chinese."""

from foundation.accounts.workflow.accounts import lock_account, open_account, unlock_account
from foundation.accounts.workflow.deputies import end_deputyship, name_deputy
from foundation.accounts.workflow.leaving import hand_over
from foundation.accounts.workflow.posts import end_post, give_post
from foundation.accounts.workflow.refusal import AccountRefused

__all__ = [
    "AccountRefused",
    "end_deputyship",
    "end_post",
    "give_post",
    "hand_over",
    "lock_account",
    "name_deputy",
    "open_account",
    "unlock_account",
]
