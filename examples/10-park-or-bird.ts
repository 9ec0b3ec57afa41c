/**
 * Lesson 10: PARK or BIRD? One question about a photograph is easy for a computer, the other took decades. Whether it was taken in a
 * national park follows from the place that the camera wrote into the file (EXIF) and a table of boundaries; whether it shows a bird
 * takes a convolutional network.
 *
 *     node examples/10-park-or-bird.ts --data-dir ../shared/data           18 photographs, MobileNetV2
 *     node examples/10-park-or-bird.ts --data-dir ../shared/data MY.jpg    a photograph of your own as well
 *     node examples/10-park-or-bird.ts                                     skies that are drawn here, with a network that learns them
 *
 * Pictures are turned upright by the orientation in the file before the network sees them. The boundaries are coarse and made for this
 * lesson (`parks.ts`). It shows a bird when the probabilities of all birds among ImageNet's classes add up to more than one half.
 * Source: xkcd 1425, "Tasks", and the page that photographers made of it in 2014.
 */
import { data } from 'cognitron'
import { listFiles, readBytes } from 'cognitron/data/node'
import { drawSky, encodeJpeg, mobileNet, type Sight, skyWatcher } from './birds.ts'
import { dataFolder, decodePicture, figureName, words } from './data.ts'
import { saveFigure } from './figure.ts'
import { uniformNumbers } from './landscapes.ts'
import { percent } from './narrate.ts'
import { type Park, parkAt } from './parks.ts'
import { type PhotoNotes, readPhotoNotes, withPhotoNotes } from './photo-notes.ts'

const photos = dataFolder('photos')
const networks = dataFolder('pretrained')

interface Photo {
  readonly name: string
  readonly bytes: Uint8Array
}

/** Photographs of the folder and those that were named; without them, drawn skies with places. */
async function collect(): Promise<Photo[]> {
  const named = await Promise.all(words.map(async (name) => ({ name, bytes: await readBytes(name) })))
  if (!photos) return [...drawn(), ...named]
  const paths = (await listFiles(photos)).filter((path) => /\.jpe?g$/i.test(path))
  const found = await Promise.all(paths.map(async (name) => ({ name, bytes: await readBytes(`${photos}/${name}`) })))
  return [...found, ...named]
}

function drawn(): Photo[] {
  const uniform = uniformNumbers(7)
  const places = [{ latitude: 37.746, longitude: -119.5332 }, { latitude: 55.698, longitude: 13.195 }, undefined]
  return places.flatMap((place, where) =>
    ['cloud', 'kite', 'bird'].map((kind, code) => {
      const notes: PhotoNotes = { place, orientation: 1 }
      const spot = ['yosemite', 'lund', 'nowhere'][where]
      return { name: `${spot}-${kind}.jpg`, bytes: withPhotoNotes(encodeJpeg(drawSky(code, uniform)), notes) }
    }),
  )
}

interface Answer {
  readonly name: string
  readonly place: PhotoNotes['place']
  readonly park: Park | undefined
  readonly sight: Sight
}

const watch = networks ? await mobileNet(`${networks}/mobilenetv2-imagenet`) : await skyWatcher()

async function look({ name, bytes }: Photo): Promise<Answer> {
  const { place, orientation } = readPhotoNotes(bytes)
  const picture = data.turnUpright(decodePicture(bytes), orientation)
  return { name, place, park: place && parkAt(place), sight: await watch(picture) }
}

const parkWords = ({ place, park }: Answer): string => {
  if (!place) return 'PARK? The photograph does not say where it was taken.'
  const where = `${place.latitude.toFixed(3)}, ${place.longitude.toFixed(3)}`
  return park ? `PARK! ${park.name}, ${park.country} (${where})` : `Not a national park (${where}).`
}

const birdWords = ({ sight: { bird, name, probability } }: Answer): string =>
  `${bird > 0.5 ? 'BIRD!' : 'No bird.'} ${percent(bird)} bird; ${name} ${percent(probability)}`

const answers: Answer[] = []
for (const photo of await collect()) {
  const answer = await look(photo)
  answers.push(answer)
  console.log(`${photo.name}\n  ${parkWords(answer)}\n  ${birdWords(answer)}`)
}

const inPark = answers.filter(({ park }) => park).length
const unknown = answers.filter(({ place }) => !place).length
const birds = answers.filter(({ sight }) => sight.bird > 0.5)
const figure = saveFigure(
  figureName('10-park-or-bird', photos !== undefined),
  `${answers.length} photographs: ${inPark} from a park, ${answers.length - inPark - unknown} from elsewhere, ` +
    `${unknown} do not say; ${birds.length} birds`,
  [
    {
      title: 'Probability that there is a bird',
      bars: answers
        .toSorted((a, b) => b.sight.bird - a.sight.bird)
        .slice(0, 9)
        .map(({ name, sight }) => ({ name: name.replace(/^.*\//, '').slice(0, 22), value: sight.bird })),
      format: percent,
    },
  ],
)

console.log(`figure: ${figure}`)
