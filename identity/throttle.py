"""Guessing gets slower; nobody is locked out by somebody else.

Wrong guesses are counted for the account and the network address *together*: after five, each further one from there
has to wait, five seconds at first, twice as long each time, a quarter of an hour at most. The owner, who comes from
elsewhere, waits for nobody. Two more counts stand behind it:

- for the address alone, over all accounts, so that one machine cannot try one password on everybody. Who has signed in
  from there before is let past this one: a stranger in the same office holds up nobody he does not guess at.
- for the account alone, which locks nothing: guessed at from everywhere, it grants each new address one free guess
  instead of five.

An attempt is counted before the password is looked at, so that many at once are no more than many in a row.
"""

from __future__ import annotations

import hashlib
import ipaddress
import math
import time
from dataclasses import dataclass

from django.core.cache import cache

FREE_GUESSES, FREE_GUESSES_UNDER_ATTACK = 5, 1
FREE_GUESSES_OF_AN_ADDRESS = 20
ATTACK = 50  # guesses at one account within an hour, from wherever
FIRST_WAIT, LONGEST_WAIT = 5, 15 * 60
HOUR, DAY = 3600, 24 * 3600
KNOWN_FOR = 60 * DAY


class TooEarly(Exception):
    """The next guess from here has to wait for so many `seconds`."""

    def __init__(self, seconds: int) -> None:
        self.seconds = seconds
        super().__init__(f"Too many wrong guesses from where you are. Try again in {_spoken(seconds)}.")


@dataclass(frozen=True, slots=True)
class Attempt:
    """A guess that may be made. Tell it when it was right."""

    pair: str
    address: str
    known: str
    has_slowed_address: bool

    def succeeded(self) -> None:
        """Forget the wrong guesses that led here, and remember that this person comes from here."""
        cache.delete_many([self.pair, _wait(self.pair)])
        if self.has_slowed_address:
            cache.delete(_wait(self.address))
        if cache.get(self.address):
            cache.decr(self.address)
        cache.set(self.known, True, KNOWN_FOR)


def begin(*, account: str, address: str) -> Attempt:
    """Count a guess at the account (its e-mail address, or what stands for its second factor) from the network
    address. Raises TooEarly while it has to wait."""
    account, network = account.strip().lower(), _network(address)
    pair, alone = _key("pair", account, network), _key("address", network)
    known = _key("known", account, network)
    is_known = bool(cache.get(known))
    _raise_while_waiting(pair)
    if not is_known:
        _raise_while_waiting(alone)
    under_attack = _count(_key("account", account), HOUR) > ATTACK and not is_known
    _count_guess(pair, FREE_GUESSES_UNDER_ATTACK if under_attack else FREE_GUESSES)
    slowed = not is_known and _count_guess(alone, FREE_GUESSES_OF_AN_ADDRESS)
    return Attempt(pair, alone, known, slowed)


def forgive(*, account: str, address: str) -> None:
    """Forget the wrong guesses at the account from there: its owner has proved themselves in another way."""
    pair = _key("pair", account.strip().lower(), _network(address))
    cache.delete_many([pair, _wait(pair)])


def _count_guess(key: str, free: int) -> bool:
    """Count it; once the free ones are used up, have the next one wait, and say so. Raises TooEarly when another
    guess, made at the same moment, took this turn."""
    count = _count(key, DAY)
    if count < free:
        return False
    seconds = min(FIRST_WAIT * 2 ** min(count - free, 20), LONGEST_WAIT)
    if not cache.add(_wait(key), time.time() + seconds, seconds):
        raise TooEarly(seconds)
    return True


def _raise_while_waiting(key: str) -> None:
    until = cache.get(_wait(key))
    if until is not None:
        raise TooEarly(max(1, math.ceil(until - time.time())))


def _count(key: str, life: int) -> int:
    if cache.add(key, 1, life):
        return 1
    try:
        count = int(cache.incr(key))
    except ValueError:  # it ended at this very moment
        return 1
    cache.touch(key, life)
    return count


def _key(*parts: str) -> str:
    """Hashed: the cache holds no addresses of people."""
    return "guess:" + hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _wait(key: str) -> str:
    return f"{key}:wait"


def _network(address: str) -> str:
    """An IPv6 address by its network: each of its owner's machines has billions."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return address
    return str(ipaddress.ip_network(f"{ip}/64", strict=False)) if ip.version == 6 else str(ip)


def _spoken(seconds: int) -> str:
    if seconds < 60:
        return f"{seconds} second{'' if seconds == 1 else 's'}"
    minutes = math.ceil(seconds / 60)
    return f"{minutes} minute{'' if minutes == 1 else 's'}"
