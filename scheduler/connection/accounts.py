"""Somebody who connected their calendar, as it may be shown."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class Account(BaseModel):
    """A kept sign-in without anything that opens a door."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    address: str
    name: str
    tenant_id: str = Field(description="where the account lives")
    object_id: str = Field(description="what identifies it there")
    scopes: tuple[str, ...] = Field(description="what was consented to")
