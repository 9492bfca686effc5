"""Countries, cities and continents: a hand-written table of undisputed and unambiguous cases.

Left out: capitals that share a word with their country (Mexico City, Kuwait City, Luxembourg), shared or disputed
seats, and countries on two continents.
"""

from __future__ import annotations

_EUROPE = """Albania:Tirana Austria:Vienna Belarus:Minsk Belgium:Brussels Bulgaria:Sofia Croatia:Zagreb Denmark:Copenhagen
Estonia:Tallinn Finland:Helsinki France:Paris Germany:Berlin Greece:Athens Hungary:Budapest Iceland:Reykjavik Ireland:Dublin
Italy:Rome Latvia:Riga Lithuania:Vilnius Malta:Valletta Moldova:Chisinau Montenegro:Podgorica Norway:Oslo Poland:Warsaw
Portugal:Lisbon Romania:Bucharest Serbia:Belgrade Slovakia:Bratislava Slovenia:Ljubljana Spain:Madrid Sweden:Stockholm
Switzerland:Bern Ukraine:Kyiv"""
_ASIA = """Afghanistan:Kabul Bahrain:Manama Bangladesh:Dhaka Bhutan:Thimphu Cambodia:Phnom_Penh China:Beijing India:New_Delhi
Indonesia:Jakarta Iran:Tehran Iraq:Baghdad Japan:Tokyo Jordan:Amman Kyrgyzstan:Bishkek Laos:Vientiane Lebanon:Beirut
Malaysia:Kuala_Lumpur Mongolia:Ulaanbaatar Nepal:Kathmandu Oman:Muscat Pakistan:Islamabad Philippines:Manila Qatar:Doha
South_Korea:Seoul North_Korea:Pyongyang Saudi_Arabia:Riyadh Syria:Damascus Tajikistan:Dushanbe Thailand:Bangkok
Turkmenistan:Ashgabat Uzbekistan:Tashkent Vietnam:Hanoi Yemen:Sanaa"""
_AFRICA = """Algeria:Algiers Angola:Luanda Botswana:Gaborone Burkina_Faso:Ouagadougou Cameroon:Yaounde Chad:N'Djamena
Egypt:Cairo Eritrea:Asmara Ethiopia:Addis_Ababa Gabon:Libreville Gambia:Banjul Ghana:Accra Guinea:Conakry Kenya:Nairobi
Lesotho:Maseru Liberia:Monrovia Libya:Tripoli Madagascar:Antananarivo Malawi:Lilongwe Mali:Bamako Mauritania:Nouakchott
Morocco:Rabat Mozambique:Maputo Namibia:Windhoek Niger:Niamey Nigeria:Abuja Rwanda:Kigali Senegal:Dakar
Sierra_Leone:Freetown Somalia:Mogadishu Sudan:Khartoum Togo:Lome Tunisia:Tunis Uganda:Kampala Zambia:Lusaka
Zimbabwe:Harare"""
_NORTH_AMERICA = """Bahamas:Nassau Barbados:Bridgetown Belize:Belmopan Canada:Ottawa Costa_Rica:San_Jose Cuba:Havana
Dominican_Republic:Santo_Domingo El_Salvador:San_Salvador Haiti:Port-au-Prince Honduras:Tegucigalpa Jamaica:Kingston
Nicaragua:Managua"""
_SOUTH_AMERICA = """Argentina:Buenos_Aires Brazil:Brasilia Chile:Santiago Colombia:Bogota Ecuador:Quito Guyana:Georgetown
Paraguay:Asuncion Peru:Lima Suriname:Paramaribo Uruguay:Montevideo Venezuela:Caracas"""
_OCEANIA = "Australia:Canberra Fiji:Suva New_Zealand:Wellington Papua_New_Guinea:Port_Moresby Samoa:Apia Tonga:Nuku'alofa Vanuatu:Port_Vila"

_CITIES = """France:Lyon,Marseille,Toulouse,Bordeaux,Strasbourg Germany:Munich,Hamburg,Cologne,Frankfurt,Stuttgart,Dresden,Leipzig
Italy:Milan,Venice,Naples,Turin,Florence,Bologna Spain:Barcelona,Seville,Valencia,Bilbao,Malaga Poland:Krakow,Gdansk,Wroclaw
Japan:Osaka,Kyoto,Nagoya,Hiroshima,Sapporo China:Shanghai,Shenzhen,Guangzhou,Wuhan,Chengdu India:Mumbai,Chennai,Kolkata,Bangalore,Jaipur
Canada:Toronto,Montreal,Vancouver,Calgary Australia:Sydney,Melbourne,Perth,Brisbane,Adelaide Brazil:Rio_de_Janeiro,Sao_Paulo,Salvador,Recife
United_Kingdom:London,Manchester,Edinburgh,Glasgow,Liverpool,Leeds United_States:Chicago,Houston,Seattle,Boston,Denver,Detroit
Russia:Moscow,Saint_Petersburg,Novosibirsk Turkey:Istanbul,Ankara,Izmir Netherlands:Amsterdam,Rotterdam,Utrecht
Mexico:Guadalajara,Monterrey,Cancun
Switzerland:Zurich,Geneva,Basel Austria:Salzburg,Graz,Innsbruck Sweden:Gothenburg,Malmo Norway:Bergen,Trondheim Portugal:Porto,Braga
Nigeria:Lagos,Kano Kenya:Mombasa,Kisumu Egypt:Alexandria,Luxor,Giza Morocco:Casablanca,Marrakesh,Fez South_Korea:Busan,Incheon
Vietnam:Da_Nang,Ho_Chi_Minh_City Pakistan:Karachi,Lahore Israel:Tel_Aviv,Haifa Belgium:Antwerp,Ghent,Bruges Ireland:Cork,Galway
Greece:Thessaloniki,Patras Thailand:Chiang_Mai,Phuket Colombia:Medellin,Cali Peru:Cusco,Arequipa New_Zealand:Auckland,Christchurch
South_Africa:Johannesburg,Durban Indonesia:Surabaya,Bandung Argentina:Rosario,Mendoza"""


def _pairs(text: str) -> list[tuple[str, str]]:
    return [(country.replace("_", " "), capital.replace("_", " ")) for country, capital in (pair.split(":") for pair in text.split())]


CONTINENT: dict[str, str] = {
    country: continent
    for continent, text in (
        ("Europe", _EUROPE),
        ("Asia", _ASIA),
        ("Africa", _AFRICA),
        ("North America", _NORTH_AMERICA),
        ("South America", _SOUTH_AMERICA),
        ("Oceania", _OCEANIA),
    )
    for country, _ in _pairs(text)
}
CITIES: dict[str, str] = {
    **{
        capital: country
        for text in (_EUROPE, _ASIA, _AFRICA, _NORTH_AMERICA, _SOUTH_AMERICA, _OCEANIA)
        for country, capital in _pairs(text)
        if country not in {"Guyana", "Jamaica", "Costa Rica", "Chile", "Barbados", "Libya"}  # their capitals have namesakes
    },
    **{city: country for country, cities in _pairs(_CITIES) for city in cities.split(",")},
}
_SPELLINGS = """England:United_Kingdom Scotland:United_Kingdom UK:United_Kingdom Britain:United_Kingdom Great_Britain:United_Kingdom
British:United_Kingdom Scottish:United_Kingdom USA:United_States
German:Germany French:France Spanish:Spain Italian:Italy Polish:Poland Japanese:Japan Chinese:China Indian:India Canadian:Canada
Australian:Australia Brazilian:Brazil Russian:Russia Turkish:Turkey Dutch:Netherlands Mexican:Mexico Swiss:Switzerland
Austrian:Austria Swedish:Sweden Norwegian:Norway Portuguese:Portugal Egyptian:Egypt Moroccan:Morocco Greek:Greece Irish:Ireland
Belgian:Belgium Thai:Thailand Vietnamese:Vietnam Danish:Denmark Finnish:Finland Hungarian:Hungary"""
COUNTRY_WORDS: dict[str, str] = {
    **{country: country for country in (*CONTINENT, *CITIES.values(), "Chile", "Georgia", "Armenia", "Cyprus")},
    **dict(_pairs(_SPELLINGS)),
}
TAKES_THE = frozenset({"Bahamas", "Dominican Republic", "Philippines", "Gambia"})


def spoken(country: str) -> str:
    """Return a country as it stands in a sentence: `the Bahamas`."""
    return f"the {country}" if country in TAKES_THE else country
