"""How often one may try to sign in."""

from __future__ import annotations

from datetime import timedelta

from unit.screenpop.fakes import START

from screenpop.limits import SignInLimit


def _after(failures: int, *, account: str = "ana", address: str = "10.0.0.1") -> SignInLimit:
    limit = SignInLimit()
    for _ in range(failures):
        limit.failed(account, address, now=START)
    return limit


def _wait(limit: SignInLimit, account: str = "ana", address: str = "10.0.0.1", *, later: float = 0) -> float:
    return limit.wait(account, address, now=START + timedelta(seconds=later)).total_seconds()


def test_five_tries_are_free_then_the_pause_doubles_up_to_a_quarter_of_an_hour() -> None:
    assert [_wait(_after(n)) for n in range(11)] == [0, 0, 0, 0, 0, 15, 30, 60, 120, 240, 480]
    assert _wait(_after(12)) == _wait(_after(50)) == 900


def test_the_pause_passes() -> None:
    limit = _after(5)
    assert (_wait(limit, later=14), _wait(limit, later=15), _wait(limit, later=16)) == (1, 0, 0)


def test_a_floor_behind_one_address_is_no_limit() -> None:
    limit = SignInLimit()
    for n in range(200):
        limit.failed(f"agent{n}", "10.0.0.1", now=START)
        limit.failed(f"agent{n}", "10.0.0.1", now=START)
    assert all(_wait(limit, f"agent{n}") == 0 for n in range(200))


def test_guessing_from_elsewhere_locks_nobody_out() -> None:
    limit = _after(50, address="203.0.113.9")
    assert _wait(limit) == 0


def test_names_are_the_same_in_any_case() -> None:
    assert _wait(_after(5, account="Ana")) == 15


def test_signing_in_forgets_and_so_does_time() -> None:
    limit = _after(9)
    limit.succeeded("ana", "10.0.0.1")
    assert _wait(limit) == 0
    limit = _after(9)
    limit.failed("ana", "10.0.0.1", now=START + timedelta(minutes=16))
    assert _wait(limit, later=960) == 0


def test_what_nobody_could_decide_is_no_failure() -> None:
    limit = _after(5)
    limit.spared("ana", "10.0.0.1")
    limit.spared("luis", "10.0.0.1")
    assert _wait(limit) == 0


def test_what_is_kept_has_a_bound() -> None:
    limit = SignInLimit(kept=10)
    for n in range(20):
        for _ in range(5):
            limit.failed(f"agent{n}", "10.0.0.1", now=START)
    assert [_wait(limit, f"agent{n}") for n in (9, 10, 19)] == [0, 15, 15]
