"""Measurements that need more than one app. Each is named in `settings.BENCHES`."""
