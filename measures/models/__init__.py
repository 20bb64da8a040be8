"""What is offered: the measures and their items, the calls, their forms and rules, the funds behind them."""

from measures.models.calls import Call, CallItem, CallNotice
from measures.models.criteria import ReviewCriterion
from measures.models.forms import FormDraft, FormVersion
from measures.models.funds import LedgerEntry, SpecialFund
from measures.models.guidance import Guidance
from measures.models.policy import Item, Measure
from measures.models.rates import ExchangeRate
from measures.models.rules import AwardRow, Condition, RuleVersion
from measures.models.screenings import Screening, ScreeningRow
from measures.models.simulations import SavedSimulation
from measures.models.trials import RuleTrial

__all__ = [
    "AwardRow",
    "Call",
    "CallItem",
    "CallNotice",
    "Condition",
    "ExchangeRate",
    "FormDraft",
    "FormVersion",
    "Guidance",
    "Item",
    "LedgerEntry",
    "Measure",
    "ReviewCriterion",
    "RuleTrial",
    "RuleVersion",
    "SavedSimulation",
    "Screening",
    "ScreeningRow",
    "SpecialFund",
]
