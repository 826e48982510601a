"""When an office is open, as the authors of rules write it."""

from typing import Annotated, Self

from pydantic import Field, field_validator, model_validator

from dealgate.model.business_time import Office, is_region, is_zone
from dealgate.model.terms import Terms


class OfficeHours(Terms):
    """When the office is open, Monday to Friday."""

    opens: Annotated[int, Field(ge=0, le=23)] = 9
    closes: Annotated[int, Field(ge=1, le=24)] = 17
    zone: Annotated[
        str, Field(description="Whose hours: an IANA time zone such as Europe/Berlin")
    ] = "UTC"
    region: Annotated[
        str, Field(description='Whose public holidays: "DE", "US-CA"; empty: none')
    ] = ""

    @property
    def office(self) -> Office:
        """The calendar that counts them."""
        return Office(self.opens, self.closes, self.zone, self.region)

    @field_validator("zone")
    @classmethod
    def _is_zone(cls, zone: str) -> str:
        if not is_zone(zone):
            raise ValueError("is no IANA time zone; write one such as Europe/Berlin")
        return zone

    @field_validator("region")
    @classmethod
    def _is_region(cls, region: str) -> str:
        if region and not is_region(region):
            raise ValueError("has no calendar of holidays; write an ISO code such as DE or US-CA")
        return region

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.opens >= self.closes:
            raise ValueError("opens: must be before closes")
        return self
