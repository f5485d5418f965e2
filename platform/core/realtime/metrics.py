"""What the sockets of this process do, for Prometheus."""

from prometheus_client import Counter, Gauge, Histogram

SOCKETS = Gauge("sauda_sockets", "Open sockets.", multiprocess_mode="livesum")
SUBSCRIPTIONS = Gauge(
    "sauda_socket_subscriptions", "Subscriptions of open sockets.", ["topic"], multiprocess_mode="livesum"
)
FRAMES = Counter("sauda_socket_frames", "Frames handed to the transport.")
BYTES = Counter("sauda_socket_bytes", "Characters of those frames.")
CONFLATED = Counter("sauda_socket_conflated", "Values a busy client was spared because newer ones came.")
CLOSED = Counter("sauda_socket_closed", "Sockets that the server ended, by close code.", ["code"])
DROPPED = Counter("sauda_socket_dropped", "Frames never sent, because their client was too slow or had gone.")
CAPS_ALONE = Counter("sauda_socket_caps_alone", "Times that Redis did not answer and a process counted alone.")
LATENCY = Histogram(
    "sauda_socket_publish_to_send_seconds",
    "Age of the oldest value in a flush, from its publication to the transport.",
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.25, 0.5, 1, 2.5),
)
