/**
 * Figures as SVG: panels side by side with titles, captions and the scale of a map. Pictures are carried along as PNG, so that a figure
 * is one file; it follows the light or dark theme of the reader.
 */
import { range } from '../base/arrays.ts'
import { ArgumentError } from '../base/errors.ts'
import type { Raster } from '../data/image/raster.ts'
import { dataUri, encodePng } from '../io/png.ts'
import { escapeHtml } from '../train/report/html.ts'
import type { Attribution } from './attribution.ts'
import { hexColour, scaleColour } from './colour.ts'
import { type Drawing, drawRaster, heatMap, type MapScale, mapScale, type OverlayOptions, overlay } from './drawing.ts'

/** One picture of a figure. */
export interface Panel {
  readonly title: string
  readonly caption?: string
  readonly picture: Drawing
  /** Shown below the picture with its ends. */
  readonly scale?: MapScale
}

export interface FigureOptions {
  readonly title?: string
  /** Width of each panel. Default 224. */
  readonly panelWidth?: number
  /** Panels in a row. Default: up to 4. */
  readonly columns?: number
}

const GAP = 18
const TITLE = 24
const CAPTION = 18
const SCALE = 34

/**
 * Panels as an SVG file.
 *
 * @throws ArgumentError when there is no panel.
 * @example
 * import { explain } from 'cognitron'
 * const map = { map: Float32Array.of(0, 1, 2, 3), width: 2, height: 2, signed: false }
 * const svg = await explain.figure([{ title: 'A map', picture: explain.heatMap(map), scale: explain.mapScale(map) }])
 * console.log(svg.startsWith('<svg')) // true
 */
export async function figure(panels: readonly Panel[], options: FigureOptions = {}): Promise<string> {
  if (panels.length === 0) throw new ArgumentError('a figure needs at least one panel.')
  const { title, panelWidth = 224, columns = Math.min(4, panels.length) } = options
  const top = title === undefined ? 8 : 40
  const heights = panels.map(
    ({ picture, caption, scale }) =>
      Math.round((panelWidth * picture.height) / picture.width) +
      TITLE +
      (caption === undefined ? 0 : CAPTION) +
      (scale ? SCALE : 0),
  )
  const rows = range(Math.ceil(panels.length / columns)).map((row) =>
    Math.max(...heights.slice(row * columns, (row + 1) * columns)),
  )
  const across = Math.min(columns, panels.length)
  const width = across * (panelWidth + GAP) + GAP
  const height = top + rows.reduce((sum, each) => sum + each + GAP, 0)
  const drawn = await Promise.all(
    panels.map((panel, index) => {
      const row = Math.floor(index / columns)
      const y = top + rows.slice(0, row).reduce((sum, each) => sum + each + GAP, 0)
      return drawPanel(panel, {
        x: GAP + (index % columns) * (panelWidth + GAP),
        y,
        width: panelWidth,
        id: `scale-${index}`,
      })
    }),
  )
  const heading = title === undefined ? '' : `<text class="heading" x="${GAP}" y="26">${escapeHtml(title)}</text>`
  const label = escapeHtml(title ?? panels.map((panel) => panel.title).join(', '))
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${label}">
<style>${style}</style><rect class="page" width="${width}" height="${height}"/>${heading}
${drawn.join('\n')}
</svg>
`
}

/**
 * Picture, map and overlay of an explanation side by side.
 *
 * @example
 * import { explain, nn, ones } from 'cognitron'
 * const net = new nn.Sequential(new nn.Conv2d(1, 2, 3), new nn.ReLU(), new nn.Flatten(), new nn.Linear(8, 2))
 * const picture = { width: 4, height: 4, channels: 1, pixels: new Uint8Array(16).fill(9) } as const
 * const map = await explain.saliency(net, ones([1, 1, 4, 4]))
 * console.log((await explain.attributionFigure(map, picture)).startsWith('<svg')) // true
 */
export async function attributionFigure(
  attribution: Attribution,
  picture: Raster,
  options: OverlayOptions & FigureOptions & { readonly caption?: string } = {},
): Promise<string> {
  const { caption } = options
  const scale = mapScale(attribution, options)
  const panels: Panel[] = [
    { title: 'Picture', picture: drawRaster(picture), ...(caption === undefined ? {} : { caption }) },
    { title: methodTitle(attribution.method), picture: heatMap(attribution, options), scale },
    { title: 'Overlay', picture: overlay(attribution, picture, options) },
  ]
  return figure(panels, options)
}

/**
 * `integrated-gradients` as a heading.
 *
 * @example
 * import { explain } from 'cognitron'
 * console.log(explain.methodTitle('integrated-gradients')) // Integrated gradients
 */
export function methodTitle(method: string): string {
  const words = method.replaceAll('-x-', ' × ').replaceAll('-', ' ')
  return method === 'grad-cam'
    ? 'Grad-CAM'
    : method === 'smooth-grad'
      ? 'SmoothGrad'
      : words.charAt(0).toUpperCase() + words.slice(1)
}

const style = `
.page{fill:#fff}.title,.heading{fill:#12181f;font:600 14px system-ui,sans-serif}.heading{font-size:17px}
.caption,.tick{fill:#5b6675;font:12px system-ui,sans-serif;font-variant-numeric:tabular-nums}.frame{fill:none;stroke:#d5dae0}
@media (prefers-color-scheme:dark){.page{fill:#171d26}.title,.heading{fill:#e6ebf2}.caption,.tick{fill:#9aa7b8}.frame{stroke:#2a323d}}
`.trim()

async function drawPanel(
  { title, caption, picture, scale }: Panel,
  { x, y, width, id }: { x: number; y: number; width: number; id: string },
): Promise<string> {
  const height = Math.round((width * picture.height) / picture.width)
  const source = dataUri(await encodePng(picture))
  const rendering = picture.width * 2 <= width ? ' style="image-rendering:pixelated"' : ''
  const parts = [
    `<text class="title" x="${x}" y="${y + 15}">${escapeHtml(title)}</text>`,
    `<image x="${x}" y="${y + TITLE}" width="${width}" height="${height}" href="${source}"${rendering}/>`,
    `<rect class="frame" x="${x}" y="${y + TITLE}" width="${width}" height="${height}"/>`,
  ]
  const below = y + TITLE + height
  if (caption !== undefined)
    parts.push(`<text class="caption" x="${x}" y="${below + 15}">${escapeHtml(caption)}</text>`)
  if (scale) parts.push(drawScale(scale, { x, y: below + (caption === undefined ? 6 : CAPTION + 4), width, id }))
  return parts.join('')
}

function drawScale(
  { name, low, high }: MapScale,
  { x, y, width, id }: { x: number; y: number; width: number; id: string },
): string {
  const stops = range(11).map(
    (step) => `<stop offset="${step * 10}%" stop-color="${hexColour(scaleColour(name, step / 10))}"/>`,
  )
  const middle = low < 0 ? `<text class="tick" x="${x + width / 2}" y="${y + 22}" text-anchor="middle">0</text>` : ''
  return (
    `<linearGradient id="${id}">${stops.join('')}</linearGradient>` +
    `<rect x="${x}" y="${y}" width="${width}" height="8" fill="url(#${id})"/>` +
    `<text class="tick" x="${x}" y="${y + 22}">${escapeHtml(short(low))}</text>${middle}` +
    `<text class="tick" x="${x + width}" y="${y + 22}" text-anchor="end">${escapeHtml(short(high))}</text>`
  )
}

/** Three significant digits. */
function short(value: number): string {
  if (value === 0) return '0'
  const text =
    Math.abs(value) >= 1e-3 && Math.abs(value) < 1e4 ? String(Number(value.toPrecision(3))) : value.toExponential(1)
  return text.replace('-', '−')
}
