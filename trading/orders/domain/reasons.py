"""Why orders leave the market, in words for their owners."""

CANCEL_PENDING = "cancel_pending"
CANCEL_MESSAGES = {
    CANCEL_PENDING: "The cancellation is on its way to the exchange; the order may trade until it is there.",
    "cancelled": "Cancelled on request.",
    "contract_expired": "Cancelled because the contract has expired.",
    "corporate_action": "Cancelled because the share goes ex; place it anew at the adjusted price.",
    "square_off": "Cancelled because intraday trading ends; its position is being closed.",
    "position_closed": "Cancelled because its position was closed.",
    "kill_switch": "Cancelled by the kill switch.",
    "broker_cancelled": "Cancelled at the broker, not from here.",
    "session_over": "The broker ended it: its session is over.",
    "trigger_sibling": "Cancelled because another leg of its trigger fired.",
    "trigger_resized": "Cancelled to be placed again for what is left of the position.",
    "trigger_over": "Cancelled with its trigger.",
    "trigger_exit": "Cancelled to make way for the exit that a trigger fired.",
    "ioc_remainder": "What could not trade at once was cancelled, as IOC asks.",
}
