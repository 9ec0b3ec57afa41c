/** What can be taken away from the Playground: pictures, the drawing, and tables. */
import { downloadBlob, downloadCanvas, downloadText, toCsv } from '../../base/download.ts'
import type { Action } from '../../parts/menu.tsx'
import type { PlaygroundController } from './controller.ts'
import { pointsCsv } from './own-data.tsx'

export function playgroundExports(play: PlaygroundController): Action[] {
  return [
    { label: 'Output as a picture (PNG)', run: outputPicture },
    { label: 'Network as a drawing (SVG)', run: networkDrawing },
    { label: 'Curve as a picture (PNG)', run: curvePicture },
    { label: 'Points (CSV)', run: () => downloadText(pointsCsv(play), 'points.csv', 'text/csv') },
    { label: 'Curve (CSV)', run: () => downloadText(curveCsv(play), 'curve.csv', 'text/csv') },
    { label: 'Weights (JSON)', run: () => downloadText(weightsJson(play), 'weights.json', 'application/json') },
  ]
}

/** The map with the points on it, 1200 pixels a side. */
async function outputPicture(): Promise<void> {
  const values = document.querySelector<HTMLCanvasElement>('.plane-values')
  const points = document.querySelector<HTMLCanvasElement>('.plane-points')
  const canvas = document.createElement('canvas')
  canvas.width = canvas.height = 1200
  const context = canvas.getContext('2d')
  if (!context || !values || !points) return
  context.drawImage(values, 0, 0, 1200, 1200)
  context.drawImage(points, 0, 0, 1200, 1200)
  await downloadCanvas(canvas, 'output.png')
}

async function curvePicture(): Promise<void> {
  const curve = document.querySelector<HTMLCanvasElement>('.curve canvas')
  if (curve) await downloadCanvas(curve, 'curve.png')
}

/** Links as they are drawn, with every map as an embedded picture. */
function networkDrawing(): void {
  const box = document.querySelector<HTMLElement>('.network')
  const links = document.querySelector<SVGSVGElement>('.network-links')
  if (!box || !links) return
  const origin = box.getBoundingClientRect()
  const ground = getComputedStyle(document.documentElement).getPropertyValue('--surface').trim()
  const paths = [...links.querySelectorAll<SVGPathElement>('.links path')].map((path) => {
    const { stroke, strokeWidth } = getComputedStyle(path)
    return `<path d="${path.getAttribute('d')}" fill="none" stroke="${stroke}" stroke-width="${strokeWidth}" opacity="0.9"/>`
  })
  const maps = [...box.querySelectorAll('canvas')].map((canvas) => {
    const { left, top, width, height } = canvas.getBoundingClientRect()
    return `<image x="${left - origin.left}" y="${top - origin.top}" width="${width}" height="${height}" href="${canvas.toDataURL()}"/>`
  })
  const size = `width="${origin.width}" height="${origin.height}" viewBox="0 0 ${origin.width} ${origin.height}"`
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" ${size}><rect width="100%" height="100%" fill="${ground}"/>${paths.join('')}${maps.join('')}</svg>`
  downloadBlob(new Blob([svg], { type: 'image/svg+xml' }), 'network.svg')
}

export function curveCsv(play: PlaygroundController): string {
  const curves = play.frame.value?.curves
  const names = ['epochs', 'trainLoss', 'testLoss', 'trainScore', 'testScore'] as const
  const rows = Array.from(curves?.epochs ?? [], (_, index) => names.map((name) => curves?.[name][index] ?? Number.NaN))
  return toCsv(['epoch', ...names.slice(1)], rows)
}

function weightsJson(play: PlaygroundController): string {
  const plan = play.plan.value
  const weights = play.frame.value?.weights
  const layers = (plan?.layers ?? []).map(({ inputs, units, weightsAt, biasesAt }) => ({
    weight: Array.from({ length: units }, (_, unit) =>
      Array.from(weights?.subarray(weightsAt + unit * inputs, weightsAt + (unit + 1) * inputs) ?? []),
    ),
    bias: Array.from(weights?.subarray(biasesAt, biasesAt + units) ?? []),
  }))
  return `${JSON.stringify({ layers }, null, 2)}\n`
}
