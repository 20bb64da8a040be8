"""The policy administrators' room: measures, entries, calls, forms, funds and rules as configuration."""

from measures.admin import calls, forms, funds, policy, rates, rules, trials

__all__ = ["calls", "forms", "funds", "policy", "rates", "rules", "trials"]
