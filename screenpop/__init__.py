"""Websocket hub, web pages, REST API."""
