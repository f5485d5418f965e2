"""Sockets: one session per socket, pluggable topics, and a hub that keeps only the newest value for each client.

Channels routes the path; nothing here uses its groups, which cost a queue per client and message.
"""
