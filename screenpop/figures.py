"""What the service counts, for Prometheus."""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from screenpop.context import Context


class HubFigures(Collector):
    """Reads the counters when it is asked."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def collect(self) -> Iterator[Metric]:
        """Yield the hub's counters and the floor's gauges."""
        counted = self._context.hub.counted
        yield _counter("events", "Events told by the bus", counted.events)
        yield _counter("frames", "Messages to desktops about events", counted.frames)
        yield _counter("pops", "Screen pops that reached a desktop", counted.pops)
        yield _counter("resumed", "Desktops that resumed", counted.resumed)
        yield _counter("snapshots", "Desktops that got a snapshot", counted.snapshots)
        yield _counter("too_slow", "Desktops cut off because they were too slow", counted.too_slow)
        yield _gauge("desktops", "Desktops connected", len(self._context.hub.listeners()))
        connected = GaugeMetricFamily("centralita_pbx_connected", "Exchange connected", labels=["pbx"])
        calls = GaugeMetricFamily("centralita_live_calls", "Live calls", labels=["pbx"])
        for name, floor in self._context.floors.items():
            connected.add_metric([name], float(floor.is_connected))
            calls.add_metric([name], len(floor.calls()))
        yield connected
        yield calls
        yield from self._history()
        yield from self._truth()
        yield from self._backfills()
        yield from self._webhooks()
        old = CounterMetricFamily("centralita_retention_let_go", "Records that were too old", labels=["kind"])
        for kind, gone in self._context.let_go.items():
            old.add_metric([kind], gone)
        yield old

    def _history(self) -> Iterator[Metric]:
        kept = self._context.history
        yield GaugeMetricFamily(
            "centralita_history_waiting_calls", "Ended calls not stored yet", value=kept.waiting
        )
        for name, text, value in (
            ("stored", "Calls stored", kept.stored),
            ("refused", "Calls that the database refused", kept.refused),
        ):
            yield CounterMetricFamily(f"centralita_history_{name}_calls", text, value=value)
        left_out = CounterMetricFamily(
            "centralita_history_left_out_calls",
            "Calls left to the records of the exchange, for want of room",
            labels=["pbx"],
        )
        for name in self._context.floors:
            left_out.add_metric([name], kept.left_out[name].calls if name in kept.left_out else 0)
        yield left_out

    def _webhooks(self) -> Iterator[Metric]:
        """Yield how other systems take what they are told."""
        told = self._context.webhooks
        sent = CounterMetricFamily("centralita_webhook_requests", "Events sent to others", labels=["result"])
        sent.add_metric(["taken"], told.taken)
        sent.add_metric(["failed"], told.failed)
        how = GaugeMetricFamily("centralita_webhooks", "Subscriptions in trouble", labels=["state"])
        how.add_metric(["failing"], told.failing)
        how.add_metric(["stopped"], told.stopped)
        behind = GaugeMetricFamily(
            "centralita_webhook_behind_events", "How far the last subscription is behind", value=told.behind
        )
        yield from (sent, how, behind)

    def _backfills(self) -> Iterator[Metric]:
        """Yield how whole the history of each exchange is whose records are read."""
        name = "centralita_backfill"
        filled = CounterMetricFamily(f"{name}_calls", "Calls told from its records", labels=["pbx"])
        mark = GaugeMetricFamily(
            f"{name}_watermark_timestamp_seconds", "Up to when the history is whole", labels=["pbx"]
        )
        for pbx, health in self._context.backfills.items():
            filled.add_metric([pbx], health.filled)
            if health.whole_until is not None:
                mark.add_metric([pbx], health.whole_until.timestamp())
        yield from (filled, mark)

    def _truth(self) -> Iterator[Metric]:
        """Yield how far each exchange's lists were otherwise than what we held."""
        name = "centralita_truth"
        drift = GaugeMetricFamily(
            f"{name}_drift", "Things that the last audit found otherwise", labels=["pbx"]
        )
        checked = GaugeMetricFamily(
            f"{name}_checked_timestamp_seconds", "Last look at its lists", labels=["pbx"]
        )
        took = GaugeMetricFamily(f"{name}_look_seconds", "How long the last look took", labels=["pbx"])
        looks = CounterMetricFamily(f"{name}_looks", "Looks at its lists", labels=["pbx", "why"])
        corrected = CounterMetricFamily(
            f"{name}_corrected", "Things put right by looks", labels=["pbx", "kind"]
        )
        for pbx, truth in self._context.truth.items():
            drift.add_metric([pbx], truth.drift)
            took.add_metric([pbx], truth.took_s)
            if truth.checked_at is not None:
                checked.add_metric([pbx], truth.checked_at.timestamp())
            looks.add_metric([pbx, "connected"], truth.resyncs)
            looks.add_metric([pbx, "audit"], truth.audits)
            for kind, count in truth.corrected.items():
                corrected.add_metric([pbx, kind], count)
        yield from (drift, checked, took, looks, corrected)


def _counter(name: str, text: str, value: float) -> Metric:
    return CounterMetricFamily(f"centralita_hub_{name}", text, value=value)


def _gauge(name: str, text: str, value: float) -> Metric:
    return GaugeMetricFamily(f"centralita_hub_{name}", text, value=value)
