"""The metrics of a comparison with a control group, by what they need.

Two bases: sent requests (the headline), and assignment (`assigned_…` and what is incremental), which the draw protects.
"""

from analytics_core.metrics.incremental_metrics import (
    ASSIGNED_CONTROL_USERS,
    ASSIGNED_TREATED_USERS,
    BY_ASSIGNMENT,
    REVENUE_BY_ASSIGNMENT,
)
from analytics_core.metrics.uplift_metrics import ACTIVE_TARGETS, BY_SENT, TREATED_USERS

COMPARISON = frozenset(one.name for one in (*BY_SENT, *BY_ASSIGNMENT, *REVENUE_BY_ASSIGNMENT))
"""The metrics that are undefined without a control group."""
_ARM_SIZES = (TREATED_USERS, ACTIVE_TARGETS, ASSIGNED_TREATED_USERS, ASSIGNED_CONTROL_USERS)
ARM_SIZES = frozenset(one.name for one in _ARM_SIZES)
"""Those that are the same for every goal."""
NEEDS_ATTEMPTED = frozenset(one.name for one in (*BY_ASSIGNMENT, *REVENUE_BY_ASSIGNMENT))
"""Those of which nothing is known where it is not known who was attempted."""
