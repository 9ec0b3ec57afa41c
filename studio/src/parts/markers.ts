/** Points on a canvas: each class has a colour and a shape. */

export type MarkerShape = 'disc' | 'square' | 'triangle' | 'diamond' | 'cross'
export const markerShapes: readonly MarkerShape[] = ['disc', 'square', 'triangle', 'diamond', 'cross']

function trace(context: CanvasRenderingContext2D, shape: MarkerShape, x: number, y: number, r: number): void {
  context.beginPath()
  if (shape === 'disc') context.arc(x, y, r, 0, 2 * Math.PI)
  else if (shape === 'square') context.rect(x - r * 0.88, y - r * 0.88, r * 1.76, r * 1.76)
  else if (shape === 'triangle') polygon(context, [x, y - r * 1.2, x + r * 1.1, y + r * 0.8, x - r * 1.1, y + r * 0.8])
  else if (shape === 'diamond') polygon(context, [x, y - r * 1.25, x + r * 1.1, y, x, y + r * 1.25, x - r * 1.1, y])
  else plus(context, x, y, r)
}

function polygon(context: CanvasRenderingContext2D, places: readonly number[]): void {
  for (let index = 0; index < places.length; index += 2)
    context.lineTo(places[index] as number, places[index + 1] as number)
  context.closePath()
}

function plus(context: CanvasRenderingContext2D, x: number, y: number, r: number): void {
  const w = r * 0.45
  polygon(context, [
    ...[x - w, y - r, x + w, y - r, x + w, y - w, x + r, y - w, x + r, y + w, x + w, y + w],
    ...[x + w, y + r, x - w, y + r, x - w, y + w, x - r, y + w, x - r, y - w, x - w, y - w],
  ])
}

interface MarkerStyle {
  readonly shape: MarkerShape
  readonly radius: number
  readonly fill: string
  readonly edge: string
}

export function drawMarker(context: CanvasRenderingContext2D, x: number, y: number, style: MarkerStyle): void {
  trace(context, style.shape, x, y, style.radius)
  context.fillStyle = style.fill
  context.fill()
  context.strokeStyle = style.edge
  context.stroke()
}

/** Makes a canvas as sharp as the screen and gives its context in CSS pixels. */
export function sharpContext(
  canvas: HTMLCanvasElement,
): { context: CanvasRenderingContext2D; width: number; height: number } | undefined {
  const { clientWidth: width, clientHeight: height } = canvas
  const ratio = devicePixelRatio
  const [wide, high] = [Math.round(width * ratio), Math.round(height * ratio)]
  if (canvas.width !== wide) canvas.width = wide
  if (canvas.height !== high) canvas.height = high
  const context = canvas.getContext('2d')
  if (!context) return undefined
  context.setTransform(ratio, 0, 0, ratio, 0, 0)
  context.clearRect(0, 0, width, height)
  return { context, width, height }
}
