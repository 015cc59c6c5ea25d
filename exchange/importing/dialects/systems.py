"""The systems that files come from: how each names its columns, and its usual stages. Data only."""

from dataclasses import dataclass, field

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from exchange.importing.dialects.columns import Names


@dataclass(frozen=True)
class Dialect:
    """A system that files come from: its name, the names of its columns by kind and field, and its stages.

    Stages are in order, with their probabilities; those that a file has beyond them are made as they come.
    """

    name: str | Promise
    columns: dict[str, Names] = field(default_factory=dict)
    stages: tuple[tuple[str, int], ...] = ()


SALESFORCE = Dialect(
    "Salesforce",
    {
        "opportunities": {
            "id": ("Id", "Opportunity ID", "Opportunity ID (18)", "Opportunity Number"),
            "name": ("Name", "Opportunity Name"),
            "stage": ("StageName", "Stage"),
            "is_won": ("IsWon", "Won"),
            "is_closed": ("IsClosed", "Closed"),
            "owner": ("Opportunity Owner", "Owner Name", "Owner.Name", "Owner Full Name"),
            "owner_id": ("OwnerId", "Owner ID"),
            "customer": ("End Customer", "Account Name", "Account.Name"),
            "customer_id": ("AccountId", "Account ID"),
            "partner": ("Indirect Account", "Partner Account"),
            "amount": ("Amount", "Total Amount", "Estimated Total Price"),
            "currency": (
                "CurrencyIsoCode",
                "Amount Currency",
                "Total Amount Currency",
                "Opportunity Currency",
            ),
            "opened": ("CreatedDate", "Created Date"),
            "close": ("CloseDate", "Close Date"),
            "lost_reason": ("Loss Reason", "Closed Lost Reason"),
            "is_deleted": ("IsDeleted",),
        },
        "customers": {
            "id": ("Id", "Account ID"),
            "name": ("Name", "Account Name"),
            "industry": ("Industry",),
            "region": ("BillingCountry", "Billing Country", "BillingState", "Billing State/Province"),
            "is_deleted": ("IsDeleted",),
        },
        "partners": {"id": ("Id",), "name": ("Name", "Account Name"), "is_deleted": ("IsDeleted",)},
        "people": {"id": ("Id", "User ID"), "name": ("Name",), "email": ("Email",), "team": ("Department",)},
        "actions": {
            "id": ("Id", "Activity ID"),
            "occurred": ("ActivityDate", "ActivityDateTime", "StartDateTime", "Date"),
            "owner": ("Assigned", "Assigned To"),
            "owner_id": ("OwnerId",),
            "type": ("Type", "Type__c", "TaskSubtype"),
            "direction": ("CallType",),
            "subject": ("Subject",),
            "notes": ("Description", "Full Comments"),
            "deal_id": ("WhatId", "Opportunity ID"),
            "customer_id": ("AccountId",),
            "minutes": ("DurationInMinutes",),
            "seconds": ("CallDurationInSeconds",),
            "status": ("Status",),
            "is_deleted": ("IsDeleted",),
        },
        "history": {
            "deal_id": ("OpportunityId", "Opportunity ID"),
            "stage": ("StageName", "To Stage"),
            "at": ("CreatedDate", "Last Modified"),
            "is_deleted": ("IsDeleted",),
        },
    },
    (
        ("Prospecting", 10),
        ("Qualification", 10),
        ("Discovery", 15),
        ("Needs Analysis", 20),
        ("Value Proposition", 50),
        ("Id. Decision Makers", 60),
        ("Perception Analysis", 70),
        ("Proposal/Quote", 75),
        ("Proposal/Price Quote", 75),
        ("Negotiation", 90),
        ("Negotiation/Review", 90),
        ("Closed Won", 100),
        ("Closed Lost", 0),
    ),
)

HUBSPOT = Dialect(
    "HubSpot",
    {
        "opportunities": {
            "id": ("Record ID", "Deal ID", "ID de registro"),
            "name": ("Deal Name", "Nombre del negocio"),
            "stage": ("Deal Stage", "Etapa del negocio"),
            "owner": ("Deal owner", "Propietario del negocio"),
            "customer": ("Associated Company (Primary)", "Associated Company"),
            "customer_id": ("Associated Company IDs (Primary)", "Associated Company IDs"),
            "amount": ("Amount", "Valor"),
            "currency": ("Currency",),
            "opened": ("Create Date", "Fecha de creación"),
            "close": ("Close Date", "Fecha de cierre"),
            "lost_reason": ("Closed Lost Reason",),
        },
        "customers": {
            "id": ("Record ID", "ID de registro"),
            "name": ("Company name",),
            "industry": ("Industry",),
            "region": ("Country/Region", "País/región"),
        },
        "people": {
            "id": ("User ID",),
            "email": ("Email",),
            "first_name": ("First Name",),
            "last_name": ("Last Name",),
        },
        "actions": {
            "id": ("Record ID", "Activity ID"),
            "occurred": ("Activity date", "Meeting start time", "Call date", "Email send date"),
            "owner": ("Activity assigned to", "Assigned to"),
            "type": ("Activity type", "Task Type"),
            "deal_id": ("Associated Deal IDs", "Associated Deal ID"),
            "customer_id": ("Associated Company IDs (Primary)", "Associated Company IDs"),
        },
    },
    (
        ("Appointment Scheduled", 20),
        ("Qualified To Buy", 40),
        ("Presentation Scheduled", 60),
        ("Decision Maker Bought-In", 80),
        ("Contract Sent", 90),
        ("Closed Won", 100),
        ("Closed Lost", 0),
    ),
)

DYNAMICS = Dialect(
    "Dynamics 365 Sales",
    {
        "opportunities": {
            "id": ("(Do Not Modify) Opportunity",),
            "name": ("Topic",),
            "stage": ("Sales Stage", "Pipeline Phase"),
            "status": ("Status",),
            "owner": ("Owner",),
            "customer": ("Potential Customer", "Account"),
            "amount": ("Est. revenue", "Est. Revenue", "Actual Revenue"),
            "currency": ("Currency",),
            "opened": ("Created On",),
            "expected_close": ("Est. close date", "Est. Close Date"),
            "closed": ("Actual Close Date",),
            "lost_reason": ("Status Reason",),
        },
        "customers": {
            "id": ("(Do Not Modify) Account",),
            "name": ("Account Name",),
            "region": ("Address 1: Country/Region",),
        },
        "people": {"id": ("(Do Not Modify) User",), "name": ("Full Name",), "email": ("Primary Email",)},
        "actions": {
            "id": ("(Do Not Modify) Activity",),
            "occurred": ("Actual End", "Date Created", "Due Date"),
            "owner": ("Owner",),
            "type": ("Activity Type",),
            "status": ("Activity Status",),
            "customer": ("Regarding",),
        },
    },
    (("Qualify", 20), ("Develop", 40), ("Propose", 60), ("Close", 80), ("Won", 100), ("Lost", 0)),
)

PIPEDRIVE = Dialect(
    "Pipedrive",
    {
        "opportunities": {
            "id": ("Deal - ID", "ID"),
            "name": ("Deal - Title", "Title"),
            "stage": ("Deal - Stage",),
            "status": ("Deal - Status",),
            "owner": ("Deal - Owner",),
            "customer": ("Deal - Organization", "Organization - Name"),
            "customer_id": ("Deal - Organization ID",),
            "partner": ("Deal - Partner", "Deal - Nazwa Partnera"),
            "amount": ("Deal - Value",),
            "currency": ("Deal - Currency of Value", "Deal - Currency"),
            "opened": ("Deal - Deal created",),
            "expected_close": ("Deal - Expected close date",),
            "closed": ("Deal - Deal closed on",),
            "lost_reason": ("Deal - Lost reason",),
        },
        "customers": {
            "id": ("Organization - ID",),
            "name": ("Organization - Name",),
            "region": ("Organization - Country of Address",),
        },
        "people": {"name": ("User - Name",), "email": ("User - Email",)},
        "actions": {
            "id": ("Activity - ID",),
            "occurred": ("Activity - Due date",),
            "owner": ("Activity - Assigned to user", "Activity - Owner"),
            "type": ("Activity - Type",),
            "subject": ("Activity - Subject",),
            "notes": ("Activity - Note", "Note - Content"),
            "deal_id": ("Deal - ID", "Activity - Deal ID"),
            "customer": ("Activity - Organization", "Organization - Name"),
            "status": ("Activity - Done",),
        },
    },
    (
        ("Qualified", 20),
        ("Contact Made", 40),
        ("Demo Scheduled", 60),
        ("Proposal Made", 75),
        ("Negotiations Started", 90),
        ("Won", 100),
        ("Lost", 0),
    ),
)

ZOHO = Dialect(
    "Zoho",
    {
        "opportunities": {
            # A lead becomes one potential at most, so its id tells those apart that have none of their own.
            "id": ("Record Id", "Deal Id", "Potential Id", "POTENTIALID", "LEADID"),
            "name": ("Deal Name", "Potential Name"),
            "stage": ("Stage",),
            "status": ("Forecast Type",),
            "owner": ("Deal Owner", "Potential Owner"),
            "owner_id": ("Deal Owner.id",),
            "customer": ("Account Name", "Company Name"),
            "customer_id": ("Account Name.id", "Company Name.id", "ACCOUNTID"),
            "amount": ("Amount",),
            "currency": ("Currency",),
            "opened": ("Created Time",),
            "close": ("Closing Date",),
            "lost_reason": ("Reason For Loss",),
        },
        "customers": {
            "id": ("Record Id", "ACCOUNTID"),
            "name": ("Account Name", "Company Name"),
            "industry": ("Industry",),
            "region": ("Billing Country",),
        },
        "people": {"id": ("User Id", "USERID"), "name": ("User Name", "Full Name"), "email": ("Email",)},
        "actions": {
            "id": ("Record Id", "TASKID", "EVENTID", "CALLID"),
            "occurred": ("Call Start Time", "Start DateTime", "Created Time"),
            "owner": ("Call Owner", "Event Owner", "Task Owner", "Host"),
            "direction": ("Call Type",),
            "owner_id": ("Call Owner Id", "Event Owner Id", "Call Owner.id", "Host.id"),
            "subject": ("Subject",),
            "deal_id": ("POTENTIALID",),
            "customer_id": ("ACCOUNTID",),
            "minutes": ("Call Duration (in minutes)",),
            "seconds": ("Call Duration (in seconds)",),
            "status": ("Status",),
        },
    },
    (
        ("Qualification", 10),
        ("Prospect", 15),
        ("Needs Analysis", 20),
        ("Initial Offer", 30),
        ("Value Proposition", 40),
        ("Identify Decision Makers", 60),
        ("Proposal/Price Quote", 75),
        ("Negotiation/Review", 90),
        ("Closed Won", 100),
        ("Closed Lost", 0),
        ("Closed-Lost to Competition", 0),
    ),
)

DIALECTS: dict[str, Dialect] = {
    "any": Dialect(_("Whatever the header says")),
    "salesforce": SALESFORCE,
    "hubspot": HUBSPOT,
    "dynamics": DYNAMICS,
    "pipedrive": PIPEDRIVE,
    "zoho": ZOHO,
}
