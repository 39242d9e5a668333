"""Disclosures over HTTP: who asks how a matter stands is compared with the record before anything is told (A148)."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from hotline_chassis.answers import applied
from hotline_chassis.commands import Submit
from hotline_chassis.confidentiality import OfMatter, screened
from hotline_chassis.fields import Body, Text
from hotline_chassis.http import AfterPosition, set_etag
from hotline_chassis.pagination import Page, PageOf
from hotline_chassis.rights import Right
from hotline_chassis.runtime import RulesInForce, RuntimeOf
from hotline_chassis.signin import Principal, requires
from hotline_events.catalogue.intake.disclosure import DisclosureRefusal, DisclosureRefused
from intake.adapters.api.bodies import AnyId
from intake.adapters.views import disclosures as view
from intake.application import privacy
from intake.domain import disclosure
from intake.vault import Vault

router = APIRouter(prefix="/disclosures", tags=["privacy"])
Watching = Annotated[Principal, Depends(requires(Right.DISCLOSURE_READ))]
Disclosing = Annotated[Principal, Depends(requires(Right.DISCLOSURE_RECORD))]


class Claims(Body):
    """Who the caller says they are; compared with the vault, and kept nowhere."""

    name: Annotated[str, Text(100), Field(examples=["张三"])] | None = None
    phone: Annotated[str, Text(40), Field(examples=["0552-3115678"])] | None = None
    address: Annotated[str, Text(300), Field(examples=["解放路 1 号"])] | None = None
    organisation: Annotated[str, Text(200), Field(examples=["第一小学"])] | None = None

    @property
    def told(self) -> dict[str, str]:
        """Return what was claimed."""
        return {name: value for name, value in self if value is not None}


class Ask(Body):
    """Who asks how a matter stands, and what they say of themselves."""

    request_id: AnyId
    call_id: AnyId | None = None
    asked_by: Annotated[disclosure.AskedBy, Field(examples=["requester"])]
    claims: Claims = Claims()


class Disclosed(BaseModel):
    """Whether it may be told, and why not."""

    disclosure_id: AnyId
    told: Annotated[bool, Field(examples=[False])]
    reason: Annotated[DisclosureRefusal | None, Field(examples=["third_party"])]
    position: Annotated[int, Field(examples=[42])]


@router.put("/{disclosure_id}", status_code=201, responses={200: {"model": Disclosed}})
async def disclose(
    disclosure_id: UUID,
    body: Ask,
    principal: Disclosing,
    submit: Submit,
    *,
    runtime: RuntimeOf,
    rules: RulesInForce,
    response: Response,
) -> Disclosed:
    """Say who asks how a matter stands: only the requester, whose claims agree with the record, may be told (A148).

    Where so many claims differed today as the rules allow, no more are compared until tomorrow.
    """
    matter = await privacy.matter_of(runtime.aggregates, principal, body.request_id)
    await privacy.require_readable(runtime.aggregates, principal, matter.requester_id, body.request_id)
    submission = await submit.by(principal, creates=f"disclosure-{disclosure_id}", correlation=body.request_id)
    now, identity = runtime.clock.now(), disclosure.Identity.UNKNOWN
    today = now.astimezone(rules.timezone).replace(hour=0, minute=0, second=0, microsecond=0)
    most = rules.privacy.disclosure_mismatches
    if body.asked_by is disclosure.AskedBy.REQUESTER:
        verifier = privacy.Verifier(actor_id=principal.actor_id, rules=rules, now=now, submission=submission)
        vault = Vault(runtime.store, runtime.keyring)
        asked = await privacy.present(runtime.aggregates, disclosure.decider, body.request_id)
        if not asked.guessed(today, most):
            identity = await privacy.verify(runtime.aggregates, vault, matter, body.claims.told, verifier)
    command = disclosure.AskForDisclosure(
        disclosure_id=disclosure_id,
        request_id=body.request_id,
        call_id=body.call_id,
        asked_by=body.asked_by,
        identity=identity,
        today=today,
        most=most,
        decided_by=principal.actor_id,
        now=now,
    )
    done = await runtime.aggregates.execute(disclosure.decider, body.request_id, command, submission)
    decided = await privacy.decided(runtime.aggregates, done)
    set_etag(response, done.version)
    if done.repeated:
        response.status_code = 200
    reason = decided.reason if isinstance(decided, DisclosureRefused) else None
    return Disclosed(disclosure_id=disclosure_id, told=reason is None, reason=reason, position=done.position)


class DisclosureShown(OfMatter):
    """One time that somebody asked how a matter stands."""

    model_config = ConfigDict(from_attributes=True)

    disclosure_id: AnyId
    call_id: AnyId | None
    refused: Annotated[DisclosureRefusal | None, Field(examples=["identity_mismatch"])]
    decided_by: Annotated[str, Field(examples=["agent-7"])]
    decided_at: Annotated[datetime, Field(examples=["2026-03-02T04:00:00Z"])]


@router.get("")
async def list_disclosures(
    principal: Watching,
    runtime: RuntimeOf,
    page: Page,
    *,
    request_id: Annotated[UUID | None, Query()] = None,
    refused: Annotated[DisclosureRefusal | None, Query(examples=["identity_mismatch"])] = None,
    after: AfterPosition = None,
) -> PageOf[DisclosureShown]:
    """List who asked how a matter stands and what they were refused, the newest first; never what anybody claimed."""
    await applied(runtime, view.NAME, after)
    start = page.after(int)
    rows = await view.disclosures(
        runtime.engine,
        request_id=request_id,
        refused=refused,
        before=start[0] if start else None,
        limit=page.fetch,
    )
    shown = page.page(rows, lambda row: (row.position,), DisclosureShown.model_validate)
    shown.items = await screened(runtime.store, principal, shown.items, withheld=("call_id",))
    return shown
