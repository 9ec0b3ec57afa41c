/** Bird or no bird: which classes count, and what MobileNetV2 makes of photographs whose content is known. */
import { readFileSync } from 'node:fs'
import { data } from 'cognitron'
import { describe, expect, test } from 'vitest'
import { sharedData } from '../test/support/shared-data.ts'
import { isBird, mobileNet } from './birds.ts'
import { decodePicture } from './data.ts'
import { readPhotoNotes } from './photo-notes.ts'

const network = sharedData('data/pretrained/mobilenetv2-imagenet')
const photos = sharedData('data/photos')

describe.skipIf(!network)('classes', () => {
  // After "background" the list has 1,000 names; these stand at the ends of the three runs of birds and beside them.
  const names = network ? readFileSync(`${network}/imagenet_labels.txt`, 'utf8').split('\n').slice(1) : []

  test.each([
    ['stingray', 'cock', true],
    ['great grey owl, great gray owl, Strix nebulosa', 'European fire salamander, Salamandra salamandra', false],
    ['centipede', 'black grouse', true],
    ['black swan, Cygnus atratus', 'tusker', false],
    ['isopod', 'white stork, Ciconia ciconia', true],
    ['albatross, mollymawk', 'grey whale, gray whale, devilfish, Eschrichtius gibbosus, Eschrichtius robustus', false],
  ])('%s, then %s', (before, after, begins) => {
    const place = names.indexOf(before)
    expect(names[place + 1]).toBe(after)
    expect([isBird(place), isBird(place + 1)]).toEqual([!begins, begins])
  })

  test('59 of 1,000', () => {
    expect(names.filter((_, code) => isBird(code))).toHaveLength(59)
  })
})

test.skipIf(!network || !photos)(
  'an owl and a parrot are birds; cat, hot dog and elephants are none',
  async () => {
    const watch = await mobileNet(network ?? '')
    const seen = async (name: string): Promise<boolean> => {
      const bytes = readFileSync(`${photos}/${name}`)
      const { bird } = await watch(data.turnUpright(decodePicture(bytes), readPhotoNotes(bytes).orientation))
      return bird > 0.5
    }
    const found = []
    const elephants = 'cameratrapai/african_elephants_with_exif_orientation.jpg'
    for (const name of ['coral/owl.jpg', 'coral/parrot.jpg', 'coral/cat_720p.jpg', 'coral/hot_dog.jpg', elephants]) {
      found.push(await seen(name))
    }
    expect(found).toEqual([true, true, false, false, false])
  },
  120_000,
)
