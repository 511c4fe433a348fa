"""The country of a city, as far as guest lists need it: where a number without country code may belong."""

from __future__ import annotations

import re
from functools import lru_cache

# Where Indian families live abroad, and the cities at home whose names stand in lists kept abroad.
_PLACES: dict[str, str] = {
    "US": (
        "usa|us|u s a|united states|america|new jersey|nj|new york|ny|nyc|california|texas|tx|chicago|houston|dallas|"
        "austin|seattle|boston|atlanta|bay area|san francisco|san jose|los angeles|sunnyvale|fremont|"
        "cupertino|edison|jersey city|washington dc|virginia|florida|michigan|detroit|philadelphia|phoenix|denver|"
        "charlotte|north carolina"
    ),
    "CA": "canada|toronto|vancouver|brampton|mississauga|calgary|edmonton|ottawa|montreal|surrey bc|ontario",
    "GB": (
        "uk|u k|united kingdom|england|scotland|london|leicester|birmingham|manchester|wembley|harrow|slough|"
        "edinburgh|glasgow|leeds|bradford"
    ),
    "AE": "uae|u a e|dubai|abu dhabi|abudhabi|sharjah|ajman|दुबई|દુબઈ",
    "SG": "singapore|सिंगापुर",
    "AU": "australia|sydney|melbourne|brisbane|perth|adelaide",
    "NZ": "new zealand|auckland|wellington nz",
    "KE": "kenya|nairobi|mombasa",
    "HK": "hong kong|hongkong",
    "QA": "qatar|doha",
    "OM": "oman|muscat",
    "KW": "kuwait",
    "BH": "bahrain|manama",
    "SA": "saudi arabia|saudi|riyadh|jeddah",
    "DE": "germany|berlin|munich|frankfurt",
    "NL": "netherlands|amsterdam",
    "NP": "nepal|kathmandu|काठमांडू",
    "MY": "malaysia|kuala lumpur",
    "ZA": "south africa|johannesburg|durban",
    "IN": (
        "india|bharat|delhi|new delhi|mumbai|bombay|pune|jaipur|kolkata|calcutta|chennai|madras|bengaluru|bangalore|"
        "hyderabad|ahmedabad|amdavad|surat|vadodara|baroda|rajkot|nagpur|indore|bhopal|lucknow|kanpur|agra|varanasi|"
        "allahabad|prayagraj|noida|gurgaon|gurugram|ghaziabad|faridabad|chandigarh|ludhiana|amritsar|jalandhar|patna|"
        "ranchi|raipur|nashik|udaipur|jodhpur|kota|ajmer|bikaner|meerut|dehradun|goa|kochi|mysore|mysuru|thane|"
        "navi mumbai|guwahati|bhubaneswar|coimbatore|gwalior|jabalpur|mathura|aligarh|bareilly|दिल्ली|नई दिल्ली|मुंबई|पुणे|"
        "जयपुर|लखनऊ|कानपुर|इंदौर|भोपाल|आगरा|वाराणसी|અમદાવાદ|સુરત|વડોદરા|રાજકોટ|મુંબઈ"
    ),
}
_REGIONS = {name: region for region, listed in _PLACES.items() for name in listed.split("|")}
_GAPS = re.compile(r"[\s.,;:()/&'’_-]+")
_LONGEST = max(len(name.split()) for name in _REGIONS)


@lru_cache(maxsize=4096)
def region_of(text: str) -> str:
    """The ISO code of the country in which a place lies that a text names (``Edison NJ``: US), else empty.

    Places of two countries in one text name none.
    """
    said = [word for word in _GAPS.split(text.casefold()) if word]
    found = {
        _REGIONS[name]
        for first in range(len(said))
        for last in range(first + 1, min(first + _LONGEST, len(said)) + 1)
        if (name := " ".join(said[first:last])) in _REGIONS
    }
    return found.pop() if len(found) == 1 else ""


def is_place(text: str) -> bool:
    """Whether a text names a place that is known here, and nothing else."""
    return " ".join(_GAPS.split(text.casefold().strip(" .,"))) in _REGIONS
