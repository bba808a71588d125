"""The calls for models of a caller's own."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Path, Request, status

from services.keywords.own.enrolling import Enrolling
from services.keywords.own.models import OwnModels
from services.keywords.own.schemas import (
    MOST_FILES,
    DeletedModels,
    Enrolled,
    EnrolmentForm,
    ModelName,
    OwnModel,
    OwnModelList,
)
from shared.callers import Caller
from shared.openapi import PROBLEMS
from shared.state import from_state
from shared.streaming import while_connected
from shared.uploads import FORM, SlotFirst

router = APIRouter(prefix="/v1/keywords/models", tags=["keywords"], responses=PROBLEMS)
enrolment_router = APIRouter(
    tags=["keywords"], responses=PROBLEMS, route_class=SlotFirst, form_limits={"max_files": MOST_FILES}
)

EnrollingDependency = Annotated[Enrolling, Depends(from_state("enrolling"))]
OwnModelsDependency = Annotated[OwnModels, Depends(from_state("own_models"))]
Name = Annotated[ModelName, Path()]


@enrolment_router.post("/v1/keywords/models", status_code=status.HTTP_201_CREATED)
async def enrol(
    request: Request,
    form: Annotated[EnrolmentForm, Form(media_type=FORM)],
    caller: Caller,
    enrolling: EnrollingDependency,
) -> Enrolled:
    """Learn a word from recordings of it, for the caller's key alone."""
    return await while_connected(request, enrolling.enrol(form, caller))


@router.get("")
async def page(caller: Caller, enrolling: EnrollingDependency) -> OwnModelList:
    """List the caller's models."""
    return OwnModelList(data=await enrolling.models(caller))


@router.delete("")
async def delete_all(caller: Caller, own_models: OwnModelsDependency) -> DeletedModels:
    """Delete all the caller's models."""
    return DeletedModels(deleted=await asyncio.to_thread(own_models.delete_all, caller))


@router.get("/{name}")
async def find(name: Name, caller: Caller, enrolling: EnrollingDependency) -> OwnModel:
    """Tell of one model."""
    [found] = await enrolling.models(caller, name)
    return found


@router.delete("/{name}")
async def delete(name: Name, caller: Caller, own_models: OwnModelsDependency) -> DeletedModels:
    """Delete a model with all its words."""
    await asyncio.to_thread(own_models.delete, caller, name)
    return DeletedModels(deleted=1)
