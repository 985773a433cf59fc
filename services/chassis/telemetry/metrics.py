"""Every metric that Muster exposes, in one place, each with what it counts.

Base units (seconds, bytes), counters end in `_total`. A process belongs to one service, which Prometheus knows from
the scrape, so there is no label for it. No label is a person, a unit, a tenant or the id of anything.
"""

from prometheus_client import Counter, Gauge, Histogram

_FAST = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Seconds: for work that should take milliseconds."""
_WAITS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 15.0, 60.0, 300.0, 1800.0, 7200.0)
"""Seconds: for what may be kept waiting while a server is away."""

# --- reading events ---------------------------------------------------------------------------------------------

MESSAGES_CONSUMED = Counter(
    "messages_consumed_total",
    "Records read from Kafka and finished with; outcome is done, known (its effect was there), skipped "
    "(no reader for its type) or dead (went to the dead letters).",
    ["topic", "group", "outcome"],
)
MESSAGE_PROCESS_DURATION = Histogram(
    "message_process_duration_seconds",
    "From taking a batch of one partition to its committed transaction, retries included.",
    ["topic", "group"],
    buckets=_FAST,
)
MESSAGE_BATCH_RETRIES = Counter(
    "message_batch_retries_total",
    "Batches that were begun again after a passing failure, such as a database that was away.",
    ["topic", "group"],
)
CONSUMER_LAG = Gauge(
    "consumer_lag_seconds",
    "Age of the oldest record that is not finished with; 0 when everything is read.",
    ["topic", "group"],
)
EVENT_END_TO_END = Histogram(
    "event_end_to_end_seconds",
    "From the moment something happened (ce_time) to the committed effect in this reader.",
    ["topic", "group"],
    buckets=_WAITS,
)
DLQ_MESSAGES = Counter(
    "dlq_messages_total",
    "Records that can never succeed and were put with the dead letters, by kind of error.",
    ["topic", "group", "error"],
)

# --- outbox and relay -------------------------------------------------------------------------------------------

OUTBOX_PENDING = Gauge(
    "outbox_pending",
    "Events that are committed and not yet acknowledged by Kafka, as last counted by the active relay.",
)
OUTBOX_OLDEST_AGE = Gauge(
    "outbox_oldest_age_seconds",
    "Age of the oldest event that Kafka has not acknowledged; 0 when there is none.",
)
OUTBOX_SENT = Counter("outbox_sent_total", "Events that Kafka acknowledged.", ["topic"])
OUTBOX_SEND_FAILURES = Counter(
    "outbox_send_failures_total",
    "Record batches that Kafka did not accept; their events stay in the outbox and are sent again.",
    ["topic"],
)
OUTBOX_DELAY = Histogram(
    "outbox_delay_seconds",
    "From the moment an event was made (its id's time) to Kafka's acknowledgement.",
    buckets=_WAITS,
)
OUTBOX_RELAY_ACTIVE = Gauge(
    "outbox_relay_active",
    "1 while this process holds the lease to send, else 0. The sum over a service's workers should be 1.",
)

# --- schedule ---------------------------------------------------------------------------------------------------

DUE_ITEMS = Counter(
    "due_items_total",
    "Due items finished with; outcome is done, retried (an attempt failed) or failed (given up).",
    ["kind", "outcome"],
)
DUE_ITEM_LATENESS = Histogram(
    "due_item_lateness_seconds",
    "From the moment an item was due to the commit of its effect.",
    ["kind"],
    buckets=_WAITS,
)
DUE_OLDEST_OVERDUE = Gauge(
    "due_oldest_overdue_seconds",
    "By how much the oldest open item of the service is overdue, whoever should take it; 0 when nothing is.",
)
DUE_BUCKETS_HELD = Gauge("due_buckets_held", "Buckets of the schedule that this process works on, of 64.")

# --- HTTP -------------------------------------------------------------------------------------------------------

HTTP_REQUESTS = Counter(
    "http_requests_total",
    "Answered requests by route template (never the path itself, which holds ids).",
    ["method", "route", "status"],
)
HTTP_REQUEST_DURATION = Histogram(
    "http_request_duration_seconds",
    "From the request's first byte to the last of the answer; event streams are left out.",
    ["method", "route"],
    buckets=_FAST,
)
HTTP_STREAMS_OPEN = Gauge("http_streams_open", "Open server-sent event streams (boards, inboxes).")
