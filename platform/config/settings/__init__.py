"""Settings: `base` holds what is true everywhere, `demo`, `production` and `test` what differs."""
