"""What the page calls our codes; gettext ids."""

from services.chassis.errors import N_
from services.contracts.training import AttendanceStatus, TopicKind
from services.training.meetings.model import Status
from services.training.series.model import SegmentKind

SEGMENT_WORDS = {
    SegmentKind.ATTENDANCE: N_("Attendance"),
    SegmentKind.RESULTS: N_("Results and praise"),
    SegmentKind.POLICY: N_("Policy"),
    SegmentKind.TOPIC: N_("Topic"),
    SegmentKind.DRILL: N_("Drill"),
    SegmentKind.TARGETS: N_("Targets"),
    SegmentKind.OTHER: N_("Other"),
}
SEGMENT_ICONS = {
    SegmentKind.ATTENDANCE: "user-check",
    SegmentKind.RESULTS: "trophy",
    SegmentKind.POLICY: "file-text",
    SegmentKind.TOPIC: "presentation",
    SegmentKind.DRILL: "messages",
    SegmentKind.TARGETS: "target-arrow",
    SegmentKind.OTHER: "dots",
}
TOPIC_WORDS = {
    TopicKind.MINDSET: N_("Mindset"),
    TopicKind.THEORY: N_("Theory"),
    TopicKind.PRODUCT: N_("Product clauses"),
    TopicKind.BEHAVIOUR: N_("Behaviour"),
}
ATTENDANCE_WORDS = {
    AttendanceStatus.PRESENT: N_("Present"),
    AttendanceStatus.LATE: N_("Late"),
    AttendanceStatus.LEAVE: N_("On leave"),
    AttendanceStatus.ABSENT: N_("Absent"),
}
ATTENDANCE_KINDS = {
    AttendanceStatus.PRESENT: "good",
    AttendanceStatus.LATE: "warn",
    AttendanceStatus.LEAVE: "info",
    AttendanceStatus.ABSENT: "bad",
}
"""The colour of the badge."""
STATUS_WORDS = {
    Status.PLANNED: N_("Planned"),
    Status.RUNNING: N_("Running now"),
    Status.HELD: N_("Held"),
    Status.CANCELLED: N_("Cancelled"),
}
WEEKDAY_WORDS = (
    N_("Mon"),
    N_("Tue"),
    N_("Wed"),
    N_("Thu"),
    N_("Fri"),
    N_("Sat"),
    N_("Sun"),
)
