"""The form engine: Form(version.definition) asks, cleans, shows; see engine.py."""

from measures.forms.currency import Quote
from measures.forms.definition import DefinitionError, Field, Slot, When
from measures.forms.engine import Cleaned, Form, Missing

__all__ = ["Cleaned", "DefinitionError", "Field", "Form", "Missing", "Quote", "Slot", "When"]
