"""The training service, put together: the only place that names concrete parts."""

from services.chassis.mongo import Indexes
from services.training.attendance import store as attendance
from services.training.drafting import store as drafting
from services.training.meetings import store as meetings
from services.training.series import store as series

INDEXES: tuple[Indexes, ...] = (series.INDEXES, meetings.INDEXES, drafting.INDEXES, attendance.INDEXES)
