"""What people send to the pages of Settings > Accounting."""

from accounting.forms.activity import ActivityForm
from accounting.forms.mapping import MappingForm
from accounting.forms.organisations import TenantForm
from accounting.forms.pairs import ConfirmForm, DecisionsForm, IgnoreForm

__all__ = ["ActivityForm", "ConfirmForm", "DecisionsForm", "IgnoreForm", "MappingForm", "TenantForm"]
