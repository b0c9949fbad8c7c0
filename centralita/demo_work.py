"""What the demo's people work on: teams, promises, incidents at every stage, tasks, articles."""

from __future__ import annotations

import random
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib.resources import files
from typing import Any

from crm_core.domain.calendar import DAYS
from crm_core.domain.contacts import Contact
from crm_core.domain.ids import new_id
from crm_core.domain.incidents import Incident
from crm_core.domain.interactions import Interaction
from crm_core.domain.knowledge import Article
from crm_core.domain.people import User
from crm_core.domain.tasks import Task
from crm_core.ports import UnitOfWork
from crm_core.services import incidents, interactions, knowledge, service_levels, tasks, teams

BY = "demo"
SOLVED = "0192b100-0000-7000-8000-000000000001"
RESOLVED, UNDER_WAY, HELD = 0.6, 0.8, 0.88


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """What there is to sort by: ids of choices and teams by Spanish names, a queue's team, people by name."""

    words: dict[str, Any]
    choices: dict[str, str]
    teams: dict[str, str]
    queues: dict[str, str]
    people: dict[str, User]
    chance: random.Random
    now: datetime

    def category(self, subject: str) -> str | None:
        """Return the category of what an incident is about."""
        return next(
            (self.choices[name] for name, told in self.words["sorted"].items() if subject in told), None
        )


def set_up(
    uow: UnitOfWork, *, people: Sequence[User], language: str, chance: random.Random, now: datetime
) -> Work:
    """Keep what incidents are sorted by and promised, the teams, and the articles."""
    words = tomllib.loads(files(__package__).joinpath("demo_work.toml").read_text(encoding="utf-8"))
    named = {one.name: one for one in people}
    work = Work(words=words, choices={}, teams={}, queues={}, people=named, chance=chance, now=now)
    for one in words["choices"]:
        fields = {"kind": one["kind"], "name_es": one["es"], "name_en": one["en"]}
        fields["parent_id"] = work.choices.get(one.get("parent"))
        work.choices[one["es"]] = service_levels.add_choice(uow, fields=fields, by=BY, now=now).id
    for one in words["teams"]:
        members = [work.people[name].id for name in one["members"]]
        fields = {"name_es": one["es"], "name_en": one["en"], "members": members, "lead": members[-1]}
        work.teams[one["es"]] = team_id = teams.add(uow, fields=fields, by=BY, now=now).id
        work.queues.update(dict.fromkeys(one["queues"], team_id))
    _promise(uow, words["policies"], language, now=now)
    for one in _articles(work):
        knowledge.add(uow, article=one, now=now)
    return work


def _promise(uow: UnitOfWork, policies: Sequence[dict[str, Any]], language: str, *, now: datetime) -> None:
    hours = {"name": "09–19", "zone": "Europe/Madrid", "hours": dict.fromkeys(DAYS, ("09:00-19:00",))}
    calendar = service_levels.add_calendar(uow, fields=hours, by=BY, now=now)
    for one in policies:
        fields = {
            "name": one[language if language in one else "es"],
            "calendar_id": calendar.id,
            "priority": one.get("priority"),
            "respond_s": round(one["respond_h"] * 3600),
            "resolve_s": round(one["resolve_h"] * 3600),
        }
        service_levels.add_policy(uow, fields=fields, by=BY, now=now)


def _articles(work: Work) -> Iterator[Article]:
    for one in work.words["articles"]:
        at = work.now - timedelta(days=work.chance.uniform(20, 300))
        texts = {name: one[name].strip() for name in ("title_es", "text_es", "title_en", "text_en")}
        yield Article(
            id=new_id(at, work.chance.randbytes(10)),
            category_id=work.choices[one["category"]],
            stand="published",
            is_public=one.get("is_public", False),
            created_at=at,
            updated_at=at,
            **texts,
        )


def open_incident(uow: UnitOfWork, work: Work, contact: Contact, subject: str) -> Incident:
    """Open an incident of *contact* in the days before, and bring it to where it is now."""
    stage, chance = work.chance.random(), work.chance
    hours = chance.uniform(8, 200) if stage < RESOLVED else chance.uniform(0.3, 30) ** 0.9
    opened_at = work.now - timedelta(hours=hours)
    workers = [work.people[name].id for name in ("ana", "luis")]
    opened = incidents.open_incident(
        uow,
        call_id=None,
        contact_id=contact.id,
        subject=subject,
        description=None,
        priority=chance.randint(2, 4),
        category_id=work.category(subject),
        team_id=chance.choice(list(work.teams.values())),
        key=f"demo-{contact.id}",
        by=BY,
        now=opened_at,
    )
    for share, changes in _way(stage, chance.choice(workers)):
        at = opened_at + timedelta(hours=hours * share)
        opened = incidents.change(
            uow, incident_id=opened.id, version=opened.version, changes=changes, by=BY, now=at
        )
    return opened


def _way(stage: float, assignee: str) -> Iterator[tuple[float, dict[str, Any]]]:
    """Yield what was done with it, and after which part of its age."""
    if stage >= HELD:
        return
    yield 0.05, {"assignee": assignee, "state": "in_progress"}
    if stage < RESOLVED:
        yield 0.2, {"state": "resolved", "resolution_id": SOLVED}
    elif stage >= UNDER_WAY:
        yield 0.3, {"state": "pending", "waiting_for": "customer"}


def note_tasks(uow: UnitOfWork, work: Work, customers: Sequence[Contact], *, language: str) -> None:
    """Note what is to be done for some customers."""
    for one in work.words["tasks"]:
        at = work.now - timedelta(hours=work.chance.uniform(3, 40))
        task = Task(
            id=new_id(at, work.chance.randbytes(10)),
            title=one[language if language in one else "es"],
            due_at=(work.now + timedelta(hours=one["due_h"])).replace(minute=0, second=0, microsecond=0),
            assignee=work.people[one["assignee"]].id if "assignee" in one else None,
            contact_id=work.chance.choice(customers).id,
            created_at=at,
            created_by=BY,
        )
        tasks.add(uow, task=task, by=BY, now=at)


def write_down(uow: UnitOfWork, work: Work, customers: Sequence[Contact], *, language: str) -> None:
    """Write down what was said with some customers on other ways than the telephone."""
    for one in work.words["said"]:
        at = work.now - timedelta(hours=work.chance.uniform(1, 240))
        said = Interaction(
            id=new_id(at, work.chance.randbytes(10)),
            channel=one["channel"],
            direction=one.get("direction"),
            contact_id=work.chance.choice(customers).id,
            body=one[language if language in one else "es"],
            at=at,
            created_at=at,
            created_by=work.people[one["by"]].id,
        )
        interactions.add(uow, made=said, by=BY, now=at)
