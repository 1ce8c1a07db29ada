"""What all tables of a recipe have in common."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Share = Annotated[float, Field(ge=0, le=1)]
Count = Annotated[int, Field(gt=0)]
Units = Annotated[int, Field(gt=0, strict=True)]
"""As Count where `false` is another choice: it is no number then."""


class Table(BaseModel):
    """One table of the recipe."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, allow_inf_nan=False, ser_json_inf_nan="constants"
    )
