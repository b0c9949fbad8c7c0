"""The exchange itself: channels, phones, queues and bridges, and the events they make. Pure.

Time and chance are arguments: nothing here waits, reads a clock or opens a socket.
"""
