"""G5 and G6: how many webhook deliveries are stored for good, and what a flood does to one of them."""

from __future__ import annotations

import statistics
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

from bench.deliveries import deliveries
from bench.figure import Figure, at_least, at_most, missing
from bench.load import Met, Order, fire
from bench.peer import NoPeer, peer
from bench.production import NO_REDIS, environment, has_redis, redis_server, web_server, worker
from bench.scale import Scale
from webhooks.models import Delivery

DIFFERENT = 400
BUNDLE = 50
STACK = "README's gunicorn (2 processes of 8 threads), settings and middleware of production, 16 connections"
PEER, TASKS = "G5 deliveries/s, ours / dj-stripe's view", "G6 events/s, ours / one Celery task per event"


@dataclass
class Contest:
    """Views that take turns, and how many deliveries a second each of them answered."""

    seconds: float
    ways: dict[str, tuple[int, list[bytes]]] = field(default_factory=dict)
    met: dict[str, list[Met]] = field(default_factory=dict)

    def enter(self, name: str, port: int, requests: list[bytes]) -> None:
        """One more way, warmed up: every thread of the server has answered."""
        self.ways[name], self.met[name] = (port, requests), []
        for _ in range(2):
            fire(Order(port, requests, count=100)).must_be_whole()

    def play(self, rounds: int) -> None:
        for _ in range(rounds):
            for name, (port, requests) in self.ways.items():
                self.met[name].append(fire(Order(port, requests, self.seconds)))
                self.met[name][-1].must_be_whole()

    def rate(self, name: str) -> float:
        return statistics.median(met.rate for met in self.met[name])

    def ratio(self, name: str, other: str) -> float:
        """The median over the rounds, so that a busy minute of the machine meets both."""
        pairs = zip(self.met[name], self.met[other], strict=True)
        return statistics.median(one.rate / another.rate for one, another in pairs)

    def told(self, *names: str) -> str:
        return ", ".join(f"{name} {self.rate(name):.0f}/s" for name in names)

    def busiest(self) -> float:
        """The largest share of a core that the load generator needed."""
        return max(met.busy for all_met in self.met.values() for met in all_met)


def measure(scale: Scale) -> list[Figure]:
    """Everything on one server each, by turns; then the flood."""
    if not has_redis():
        return [missing(name, "", NO_REDIS) for name in ("G5", "G6")]
    with redis_server() as redis:
        with _servers(redis) as (ours, bare):
            figures = _rates(scale, ours, bare)
        return [*figures, _flood(redis, scale.pick(tiny=1000, usual=20_000, full=100_000))]


@contextmanager
def _servers(redis: str) -> Iterator[tuple[int, int]]:
    told = environment(redis)
    with web_server("config.wsgi", told) as ours, web_server("bench.bare", told) as bare:
        yield ours, bare


def _rates(scale: Scale, ours: int, bare: int) -> list[Figure]:
    rounds = scale.pick(tiny=1, usual=3, full=11)
    contest = Contest(seconds=scale.pick(tiny=1, usual=3, full=10) / 2)
    with ExitStack() as stack:
        contest.enter("bare view", bare, deliveries(1, DIFFERENT))
        contest.enter("ours", ours, deliveries(1, DIFFERENT))
        why = "The peer is not installed at this size." if scale.size == "tiny" else _invite(contest, stack)
        stored = Delivery.objects.count()
        contest.play(rounds)
    _must_be_stored(stored, contest.met["ours"])
    bundles = Contest(contest.seconds)
    bundles.enter("ours", ours, deliveries(BUNDLE, DIFFERENT))
    bundles.enter("tasks", bare, deliveries(BUNDLE, DIFFERENT, path="/webhooks/task-per-event/"))
    bundles.play(rounds)
    return [*_against_bare(contest, rounds), _against_peer(contest, why), _against_tasks(bundles, rounds)]


def _invite(contest: Contest, stack: ExitStack) -> str:
    """The peer takes part; "" or why it cannot."""
    try:
        there = stack.enter_context(peer())
    except NoPeer as problem:
        return f"dj-stripe could not be installed: {problem}"
    contest.enter("dj-stripe", there.plain, there.requests(20 * DIFFERENT))
    contest.enter("dj-stripe with a callback", there.with_callback, there.requests(DIFFERENT))
    return ""


def _must_be_stored(before: int, met: list[Met]) -> None:
    stored, answered = Delivery.objects.count() - before, sum(one.statuses["200"] for one in met)
    if stored != answered:
        raise RuntimeError(f"{answered} deliveries were answered 200, {stored} are stored")


def _against_bare(contest: Contest, rounds: int) -> list[Figure]:
    method = (
        f"{STACK}, one event each; every 200 is a committed row (counted); median ratio of {rounds} turns"
    )
    busy = f"the load generator took at most {contest.busiest():.0%} of a core"
    return [
        at_least(
            "G5 deliveries/s, ours / bare view", contest.ratio("ours", "bare view"), 0.4,
            method=method + "; the bare view reads the body and answers.",
            beside=f"{contest.told('ours', 'bare view')}; {busy}",
        )
    ]  # fmt: skip


def _against_peer(contest: Contest, why: str) -> Figure:
    if why:
        return missing(PEER, ">= 10", why)
    names = ("ours", "dj-stripe", "dj-stripe with a callback")
    easier = contest.ratio("ours", "dj-stripe with a callback")
    return at_least(
        PEER, contest.ratio("ours", "dj-stripe"), 10,
        method="dj-stripe 2.11 as it comes, on the same server and Postgres with startproject's middleware and an "
        "event it has no handler for; in the same turns.",
        beside=f"{contest.told(*names)}; with a callback that costs nothing {easier:.1f}",
    )  # fmt: skip


def _against_tasks(bundles: Contest, rounds: int) -> Figure:
    return at_least(
        TASKS, bundles.ratio("ours", "tasks"), 50,
        method=f"{STACK}, {BUNDLE} events a delivery; the control verifies and publishes each event with .delay() "
        f"to the same Redis and stores nothing; median ratio of {rounds} turns.",
        beside=f"{BUNDLE * bundles.rate('ours'):.0f} against {BUNDLE * bundles.rate('tasks'):.0f} events/s",
    )  # fmt: skip


def _flood(redis: str, events: int) -> Figure:
    """1, 10 and 50 events a delivery in turn, while a worker works them off."""
    kinds = [deliveries(size, DIFFERENT) for size in (1, 10, 50)]
    requests = [request for three in zip(*kinds, strict=True) for request in three]
    count = 3 * events // 61
    with worker(environment(redis), children=2), web_server("config.wsgi", environment(redis)) as port:
        fire(Order(port, requests, count=100)).must_be_whole()
        before = Delivery.objects.count()
        met = fire(Order(port, requests, count=count))
    met.must_be_whole()
    _must_be_stored(before, [met])
    return at_most(
        f"G6 p99 of a delivery in a flood of {events} events, ms", 1000 * met.p99, 500,
        method=f"{count} deliveries of 1, 10 and 50 events as fast as they are taken while a worker works them "
        f"off; {STACK}.",
        beside=f"longest {1000 * met.longest:.0f} ms, {met.rate:.0f} deliveries/s",
    )  # fmt: skip
