"""A contact as HubSpot sends it, and a lead as Salesforce does."""

from typing import Any

HUBSPOT: Any = {
    "objectId": 512,
    "portalId": 62515,
    "eventId": 3816279340,
    "subscriptionType": "contact.creation",
    "occurredAt": 1796000000000,
    "appId": 1160452,
    "properties": {
        "firstname": "Ada",
        "lastname": "Weber",
        "email": "ada.weber@acme.de",
        "jobtitle": "VP Operations",
        "hs_seniority": "vp",
        "country_code": "DE",
        "company": "Acme",
        "domain": "acme.de",
        "numemployees": "420",
        "annualrevenue": "",
        "industry": "MACHINERY",
        "hs_email_optout": "false",
        "do_not_call": "false",
        "budget": "yes",
        "authority": "decides",
        "mail_check": "accepted",
        "expected_annual_value": "24000",
    },
}
SALESFORCE: Any = {
    "schema": "x2qXnXQNvbvMnIpTeAWnIQ",
    "payload": {
        "ChangeEventHeader": {
            "entityName": "Lead",
            "recordIds": ["00Q5e000001AbCdEAK"],
            "changeType": "CREATE",
            "changeOrigin": "com/salesforce/api/soap/66.0;client=SfdcInternalAPI/",
            "transactionKey": "0002343d-9d90-e395-ed20-cf416ba652ad",
            "sequenceNumber": 1,
            "commitTimestamp": 1796000000000,
        },
        "Name": {"FirstName": "Jonas", "LastName": "Brandt"},
        "Email": "jonas.brandt@acme.de",
        "Title": "Intern",
        "CountryCode": "DE",
        "Company": "Acme",
        "NumberOfEmployees": 420,
        "Industry": "Manufacturing",
        "LeadSource": "Web",
        "HasOptedOutOfEmail": False,
        "DoNotCall": False,
    },
    "event": {"replayId": 5107},
}
