"""`reporting.rule_sets@1`: which rule packs are on their way, and what the commitments were, version after version."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from hotline_events.catalogue.reporting import (
    CommitmentPublished,
    RuleSetApproved,
    RuleSetChecked,
    RuleSetDrafted,
    RuleSetPublished,
)
from hotline_events.envelope import Envelope
from hotline_events.projection import View
from hotline_events.rows import Row, put, touched
from hotline_events.store import Store
from reporting.application import Dispatch

_DDL = """
create table if not exists rule_sets (
    number text primary key, version integer not null, position bigint not null, step text not null, sha256 text,
    drafted_by text not null, drafted_at timestamptz not null, checked_by text, approved_by text, published_by text,
    effective_from date, changes integer, published_at timestamptz);
create table if not exists commitments (
    commitment_version integer primary key, items text not null, rule_version text not null, published_by text not null,
    published_at timestamptz not null)
"""
_NOT_YET: Row = dict.fromkeys(
    ("sha256", "checked_by", "approved_by", "published_by", "effective_from", "changes", "published_at")
)
_COMMITMENT = text("insert into commitments values (:version, :items, :rule_version, :by, :at) on conflict do nothing")


async def _apply(connection: AsyncConnection, envelopes: Sequence[Envelope]) -> None:
    own = [one for one in envelopes if one.name.startswith("reporting.rule_set.")]
    numbers = list({one.event.number for one in own})
    rows: dict[str, Row] = {row["number"]: row for row in await touched(connection, "rule_sets", "number", numbers)}
    for envelope in own:
        row = rows.get(envelope.event.number, {"number": envelope.event.number, "position": envelope.position})
        rows[envelope.event.number] = {**row, **_change(envelope.event), "version": envelope.version}
    await put(connection, "rule_sets", ("number",), list(rows.values()))
    commitments = [_commitment(one.event) for one in envelopes if isinstance(one.event, CommitmentPublished)]
    if commitments:
        await connection.execute(_COMMITMENT, commitments)


def _change(event: RuleSetDrafted | RuleSetChecked | RuleSetApproved | RuleSetPublished) -> Row:
    match event:
        case RuleSetDrafted():
            return {**_NOT_YET, "step": "drafted", "drafted_by": event.drafted_by, "drafted_at": event.occurred_at}
        case RuleSetChecked():
            found = {"sha256": event.sha256, "changes": len(event.differences)}
            return {**found, "step": "checked", "checked_by": event.checked_by}
        case RuleSetApproved():
            return {"step": "approved", "approved_by": event.approved_by}
        case RuleSetPublished():
            when = {"effective_from": event.effective_from, "published_at": event.occurred_at}
            return {**when, "step": "published", "published_by": event.published_by}


def _commitment(event: CommitmentPublished) -> Row:
    return {
        "version": event.commitment_version,
        "items": json.dumps([asdict(item) for item in event.items], ensure_ascii=False),
        "rule_version": event.rule_version,
        "by": event.published_by,
        "at": event.occurred_at,
    }


VIEW = View(name="reporting.rule_sets@1", tables=("rule_sets", "commitments"), ddl=_DDL, sources=("reporting",), apply=_apply)


async def rule_sets(store: Store, *, step: str | None, before: int | None, limit: int) -> list[dict[str, Any]]:
    """Return rule sets, the newest first."""
    return await store.rows(
        """select * from rule_sets
            where (cast(:step as text) is null or step = :step) and (cast(:before as bigint) is null or position < :before)
            order by position desc limit :most""",
        step=step,
        before=before,
        most=limit,
    )


async def commitment(store: Store, version: int | None) -> dict[str, Any] | None:
    """Return one version of the commitments, or the present one."""
    rows = await store.rows(
        """select * from commitments where cast(:version as integer) is null or commitment_version = :version
            order by commitment_version desc limit 1""",
        version=version,
    )
    return {**rows[0], "items": json.loads(rows[0]["items"])} if rows else None


async def last_dispatches(store: Store, most: int) -> list[Dispatch]:
    """Return the last orders that came to departments, of which intake has been heard too."""
    rows = await store.rows(
        """select d.dispatched_at, d.resolve_due_at, o.request_type, o.channel, d.resolved_at
             from dispatches d join orders o on o.request_id = d.request_id
            where d.dispatched_at is not null and d.resolve_due_at is not null and o.request_type is not null
            order by d.dispatched_at desc, d.work_order_id, d.version limit :most""",
        most=most,
    )
    return [Dispatch(**row) for row in rows]
