"""What may be traded: limits, the pre-trade gate, and the record of every decision."""
