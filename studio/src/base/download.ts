/** Files and texts that leave the page: pictures, drawings, tables, links. */

export function downloadBlob(blob: Blob, name: string): void {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(blob)
  link.download = name
  link.click()
  // The browser reads the address after this turn.
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000)
}

export function downloadText(text: string, name: string, type: string): void {
  downloadBlob(new Blob([text], { type }), name)
}

/** Rows as comma-separated text, quoted where needed. */
export function toCsv(header: readonly string[], rows: Iterable<readonly (string | number)[]>): string {
  const cell = (value: string | number): string => {
    const text = String(value)
    return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
  }
  const lines = [header.map(cell).join()]
  for (const row of rows) lines.push(row.map(cell).join())
  return `${lines.join('\n')}\n`
}

export async function downloadCanvas(canvas: HTMLCanvasElement, name: string): Promise<void> {
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/png'))
  if (blob) downloadBlob(blob, name)
}

export async function copyText(text: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text)
  } catch {
    // Without permission for the clipboard the old way still works.
    const field = document.createElement('textarea')
    field.value = text
    document.body.append(field)
    field.select()
    document.execCommand('copy')
    field.remove()
  }
}

const inlined = ['fill', 'stroke', 'stroke-width', 'stroke-dasharray', 'opacity', 'fill-opacity', 'font', 'text-anchor']

/** A drawing of the page as a file of its own: what the style sheet says is written into every element. */
export function downloadDrawing(drawing: SVGSVGElement, name: string): void {
  const copy = drawing.cloneNode(true) as SVGSVGElement
  const { width, height } = drawing.getBoundingClientRect()
  copy.setAttribute('xmlns', 'http://www.w3.org/2000/svg')
  copy.setAttribute('width', String(width))
  copy.setAttribute('height', String(height))
  const originals = [...drawing.querySelectorAll('*')]
  copy.querySelectorAll('*').forEach((element, index) => {
    const style = getComputedStyle(originals[index] as Element)
    const text = inlined.map((property) => `${property}:${style.getPropertyValue(property)}`).join(';')
    element.setAttribute('style', text)
  })
  downloadText(new XMLSerializer().serializeToString(copy), name, 'image/svg+xml')
}
