"""Lists of CVEs in the form that CISA and FIRST publish theirs in; the entries are made up."""

import gzip
import json

KEV = {
    "title": "CISA Catalog of Known Exploited Vulnerabilities",
    "catalogVersion": "2024.10.10",
    "dateReleased": "2024-10-10T15:00:09.1223Z",
    "count": 1,
    "vulnerabilities": [
        {
            "cveID": "CVE-2019-10906",
            "vendorProject": "Pallets",
            "product": "Jinja2",
            "vulnerabilityName": "Sandbox escape",
            "dateAdded": "2024-10-01",
            "shortDescription": "Made up.",
            "requiredAction": "Upgrade.",
            "dueDate": "2024-10-22",
            "knownRansomwareCampaignUse": "Known",
            "notes": "",
            "cwes": [],
        }
    ],
}
EPSS = """\
#model_version:v2023.03.01,score_date:2024-10-11T00:00:00+0000
cve,epss,percentile
CVE-2019-10906,0.00123,0.41
CVE-2020-0001,0,1.0
"""


def kev_of(**changes) -> bytes:
    """The catalogue; a change of None takes the member out."""
    return json.dumps({name: value for name, value in {**KEV, **changes}.items() if value is not None}).encode()


def epss_of(text: str = EPSS) -> bytes:
    """The list of probabilities, packed."""
    return gzip.compress(text.encode())
