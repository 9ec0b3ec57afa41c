/** Park or no park, by the GPS of photographs; and the way up. */
import { readdirSync, readFileSync } from 'node:fs'
import { data } from 'cognitron'
import jpeg from 'jpeg-js'
import { describe, expect, test } from 'vitest'
import { sharedData } from '../test/support/shared-data.ts'
import { parkAt } from './parks.ts'
import { readPhotoNotes, withPhotoNotes } from './photo-notes.ts'

describe('places and parks', () => {
  test.each([
    ['Old Faithful', 44.4605, -110.8281, 'Yellowstone'],
    ['Jenny Lake', 43.7519, -110.7221, 'Grand Teton'],
    ['Half Dome', 37.746, -119.5332, 'Yosemite'],
    ['Angels Landing', 37.2694, -112.948, 'Zion'],
    ['Mather Point', 36.0617, -112.1077, 'Grand Canyon'],
    ['Badwater', 36.2297, -116.7672, 'Death Valley'],
    ['Flamingo, Florida', 25.1412, -80.9245, 'Everglades'],
    ['Clingmans Dome', 35.5628, -83.4985, 'Great Smoky Mountains'],
    ['Cadillac Mountain', 44.3526, -68.2251, 'Acadia'],
    ['Lake Louise', 51.4167, -116.2167, 'Banff'],
    ['Kopparhatten', 56.0333, 13.2333, 'Söderåsen'],
    ['Criewen', 53.0136, 14.2389, 'Lower Oder Valley'],
    ['Seronera', -2.4333, 34.8333, 'Serengeti'],
    ['Jackson, Wyoming', 43.4799, -110.7624, undefined],
    ['Bozeman', 45.677, -111.0429, undefined],
    ['Las Vegas', 36.1716, -115.1391, undefined],
    ['Tusayan, by the Grand Canyon', 35.9736, -112.1266, undefined],
    ['Fresno', 36.7378, -119.7871, undefined],
    ['Lund', 55.698, 13.195, undefined],
    ['Berlin', 52.519, 13.4, undefined],
    ['the opposite of Yosemite in the south', -37.746, -119.5332, undefined],
    ['Gulf of Guinea', 0, 0, undefined],
  ])('%s', (_, latitude, longitude, park) => {
    expect(parkAt({ latitude, longitude })?.name).toBe(park)
  })
})

describe('EXIF of made pictures', () => {
  const pixels = new Uint8Array(16 * 8 * 4).fill(120)
  const plain = Uint8Array.from(jpeg.encode({ width: 16, height: 8, data: pixels }, 90).data)

  test.each([
    [44.4605, -110.8281, 1],
    [-2.4333, 34.8333, 6],
    [0.5, -0.25, 8],
  ])('%d, %d, orientation %i', (latitude, longitude, orientation) => {
    const found = readPhotoNotes(withPhotoNotes(plain, { place: { latitude, longitude }, orientation }))
    expect(found.orientation).toBe(orientation)
    // Hundredths of a second of arc.
    expect(found.place?.latitude).toBeCloseTo(latitude, 5)
    expect(found.place?.longitude).toBeCloseTo(longitude, 5)
  })

  test('no place, no EXIF, no picture', () => {
    const upside = withPhotoNotes(plain, { place: undefined, orientation: 3 })
    expect(readPhotoNotes(upside)).toEqual({ place: undefined, orientation: 3 })
    const nothing = { place: undefined, orientation: 1 }
    expect(readPhotoNotes(plain)).toEqual(nothing)
    expect(readPhotoNotes(new TextEncoder().encode('no picture'))).toEqual(nothing)
    expect(readPhotoNotes(new Uint8Array(0))).toEqual(nothing)
    const whole = withPhotoNotes(plain, { place: { latitude: 1, longitude: 2 }, orientation: 6 })
    for (let length = 0; length < whole.length; length += 7) {
      expect(() => readPhotoNotes(whole.subarray(0, length))).not.toThrow()
    }
  })
})

const photos = sharedData('data/photos')

describe.skipIf(!photos)('photographs', () => {
  const all = photos
    ? readdirSync(photos, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.jpg'))
    : []
  const notesOf = (name: string): ReturnType<typeof readPhotoNotes> => readPhotoNotes(readFileSync(`${photos}/${name}`))

  test('those that say where they are from, and no others; none is from a park', () => {
    expect(all).toHaveLength(18)
    for (const name of all) {
      const { place } = notesOf(name)
      const expected = name.startsWith('opensfm-lund') ? [55.698, 13.195] : [52.519, 13.4]
      if (!name.startsWith('opensfm')) expect([name, place]).toEqual([name, undefined])
      else {
        expect(place?.latitude).toBeCloseTo(expected[0] ?? 0, 2)
        expect(place?.longitude).toBeCloseTo(expected[1] ?? 0, 2)
        expect([name, place && parkAt(place)]).toEqual([name, undefined])
      }
    }
  })

  test('the same photographs, as if taken in a park', () => {
    for (const name of all) {
      const moved = withPhotoNotes(readFileSync(`${photos}/${name}`), {
        place: { latitude: 37.746, longitude: -119.5332 },
        orientation: 1,
      })
      const { place } = readPhotoNotes(moved)
      expect([name, place && parkAt(place)?.name]).toEqual([name, 'Yosemite'])
    }
  })

  test('the elephants stand upright', () => {
    const name = 'cameratrapai/african_elephants_with_exif_orientation.jpg'
    const { orientation } = notesOf(name)
    expect(orientation).toBe(6)
    const decode = (path: string): data.Raster => {
      const {
        width,
        height,
        data: rgb,
      } = jpeg.decode(readFileSync(`${photos}/${path}`), {
        useTArray: true,
        formatAsRGBA: false,
      })
      return { width, height, channels: 3, pixels: rgb }
    }
    const turned = data.turnUpright(decode(name), orientation)
    const upright = decode('cameratrapai/african_elephants.jpg')
    expect(turned.width / turned.height).toBeCloseTo(upright.width / upright.height, 2)
    const small = (raster: data.Raster): Float32Array => data.toInput(raster, { channels: 3, height: 24, width: 24 })
    const [a, b] = [small(turned), small(upright)]
    const difference = a.reduce((sum, value, i) => sum + Math.abs(value - (b[i] ?? 0)), 0) / a.length
    expect(difference).toBeLessThan(0.03)
  })
})
