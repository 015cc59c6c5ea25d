"""Small files of invented rows in the columns of the presets, and the public pipeline where it is at hand."""

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = Path(os.environ.get("PARTNERHUB_SAMPLE_DATA") or ROOT.parent / "shared" / "data")
MAVEN = SAMPLES / "maven_crm_sales"
needs_maven = pytest.mark.skipif(
    not MAVEN.exists(), reason="the public pipeline is not at hand: set PARTNERHUB_SAMPLE_DATA"
)
# In this order, because each names what came before.
MAVEN_FILES = [
    ("teams", "sales_teams.csv"),
    ("customers", "accounts.csv"),
    ("opportunities", "sales_pipeline.csv"),
]

TEAMS = """sales_agent,manager,regional_office
Ana Kovac,Lars Dekker,North
Ben Achterberg,Lars Dekker,North
Elise Moreau,Grace Whitfield,West
"""
CUSTOMERS = """account,sector,year_established,revenue,employees,office_location,subsidiary_of
Acme Logistics,technolgy,1996,1100.04,2822,Netherlands,
Halden,medical,1999,251.41,495,Norway,
"""
HEADER = "opportunity_id,sales_agent,product,account,deal_stage,engage_date,close_date,close_value\n"
DEALS = (
    HEADER
    + """D1,Ana Kovac,GTX Basic,Acme Logistics,Won,2017-01-05,2017-03-01,1054
D2,Ana Kovac,GTXPro,Halden,Lost,2017-01-06,2017-03-11,0
D3,Ben Achterberg,MG Special,,Engaging,2017-02-01,,
D4,Elise Moreau,GTX Basic,Halden,Prospecting,,,
"""
)
