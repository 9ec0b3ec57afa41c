/**
 * A few national parks with coarse boundaries. Made for this lesson, corner by corner from what maps show, and free to use under the
 * licence of this repository; every boundary is a polygon of a few corners and may be some kilometres off. Degrees, north and east
 * positive.
 */

export interface Place {
  readonly latitude: number
  readonly longitude: number
}

export interface Park {
  readonly name: string
  readonly country: string
  /** Corners in order, [latitude, longitude]. */
  readonly boundary: readonly (readonly [latitude: number, longitude: number])[]
}

const box = (south: number, west: number, north: number, east: number): Park['boundary'] => [
  [south, west],
  [south, east],
  [north, east],
  [north, west],
]

export const parks: readonly Park[] = [
  { name: 'Yellowstone', country: 'United States', boundary: box(44.13, -111.1, 45.02, -109.83) },
  {
    name: 'Grand Teton',
    country: 'United States',
    boundary: [
      [43.54, -110.86],
      [43.54, -110.66],
      [43.68, -110.46],
      [44.13, -110.46],
      [44.13, -110.89],
    ],
  },
  {
    name: 'Yosemite',
    country: 'United States',
    boundary: [
      [37.5, -119.72],
      [37.49, -119.46],
      [37.62, -119.28],
      [37.74, -119.21],
      [37.95, -119.21],
      [38.18, -119.55],
      [38.17, -119.72],
      [37.98, -119.88],
      [37.72, -119.83],
      [37.63, -119.68],
    ],
  },
  {
    name: 'Zion',
    country: 'United States',
    boundary: [
      [37.2, -113.05],
      [37.2, -112.97],
      [37.15, -112.95],
      [37.15, -112.87],
      [37.29, -112.86],
      [37.37, -112.96],
      [37.5, -113.1],
      [37.5, -113.24],
      [37.36, -113.24],
      [37.33, -113.11],
    ],
  },
  {
    name: 'Grand Canyon',
    country: 'United States',
    boundary: [
      [35.99, -112.24],
      [35.99, -111.8],
      [36.3, -111.74],
      [36.84, -111.6],
      [36.86, -111.68],
      [36.55, -111.88],
      [36.42, -112.05],
      [36.45, -112.7],
      [36.3, -113.3],
      [36.05, -113.95],
      [35.83, -113.9],
      [35.72, -113.35],
      [36.1, -112.85],
      [36.12, -112.45],
    ],
  },
  { name: 'Death Valley', country: 'United States', boundary: box(35.65, -117.35, 37.2, -116.3) },
  { name: 'Everglades', country: 'United States', boundary: box(25.12, -81.3, 25.89, -80.5) },
  { name: 'Great Smoky Mountains', country: 'United States', boundary: box(35.43, -84.0, 35.79, -83.05) },
  { name: 'Acadia', country: 'United States', boundary: box(44.23, -68.43, 44.45, -68.16) },
  { name: 'Banff', country: 'Canada', boundary: box(50.72, -116.6, 52.3, -115.2) },
  { name: 'Söderåsen', country: 'Sweden', boundary: box(56.0, 13.2, 56.05, 13.3) },
  {
    name: 'Lower Oder Valley',
    country: 'Germany',
    boundary: [
      [52.87, 14.14],
      [52.95, 14.11],
      [53.12, 14.3],
      [53.31, 14.41],
      [53.31, 14.46],
      [53.1, 14.38],
      [52.95, 14.2],
    ],
  },
  { name: 'Serengeti', country: 'Tanzania', boundary: box(-3.3, 34.0, -1.7, 35.3) },
]

/** The park that a place lies in; undefined outside all of them. */
export function parkAt(place: Place): Park | undefined {
  return parks.find(({ boundary }) => isInside(place, boundary))
}

/** Whether a ray from the place to the east crosses the boundary an odd number of times. */
function isInside({ latitude, longitude }: Place, boundary: Park['boundary']): boolean {
  let inside = false
  for (const [index, [lat, lon]] of boundary.entries()) {
    const [otherLat, otherLon] = boundary[(index || boundary.length) - 1] ?? [lat, lon]
    if (lat > latitude === otherLat > latitude) continue
    if (longitude < lon + ((latitude - lat) / (otherLat - lat)) * (otherLon - lon)) inside = !inside
  }
  return inside
}
