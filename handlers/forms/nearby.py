"""Which community a shared location lies in, as far as the operator's table has coordinates."""

from math import asin, cos, radians, sin, sqrt

from handlers.messages import Place
from storage.records import Area

EARTH_KM = 6371.0
NEAR_KM = 5.0


def nearest(place: Place, areas: tuple[Area, ...]) -> Area | None:
    """The community nearest to the place; None if none lies within 5 km."""
    distances = [
        (kilometres(place, area.latitude, area.longitude), area)
        for area in areas
        if area.parent and area.latitude is not None and area.longitude is not None
    ]
    found = min(distances, key=lambda entry: entry[0], default=None)
    return found[1] if found is not None and found[0] <= NEAR_KM else None


def kilometres(place: Place, latitude: float, longitude: float) -> float:
    """Great-circle distance (haversine), in kilometres."""
    up, across = radians(latitude - place.latitude), radians(longitude - place.longitude)
    half = sin(up / 2) ** 2 + cos(radians(place.latitude)) * cos(radians(latitude)) * sin(across / 2) ** 2
    return 2 * EARTH_KM * asin(sqrt(half))
