/** Where the parts of the network are drawn. */
import { features, type Setup } from './setup.ts'

export const NODE = 40
export const ROW = 50
export const HEAD = 76
const LABEL = 44
const LEAST_COLUMN = 76

export interface Column {
  /** The left edge of its nodes. */
  readonly x: number
  readonly units: number
}

export interface Layout {
  readonly width: number
  readonly height: number
  /** Inputs, hidden layers, output. */
  readonly columns: readonly Column[]
  /** Room for the controls above a hidden layer. */
  readonly headWidth: number
}

export function networkLayout(setup: Setup, outputs: number, available: number): Layout {
  const counts = [features.length, ...setup.networkShape, outputs]
  const rowCount = Math.max(features.length, ...counts)
  const least = LABEL + NODE + LEAST_COLUMN * (counts.length - 1) + 12
  const width = Math.max(available, least)
  const step = (width - LABEL - NODE - 12) / (counts.length - 1)
  return {
    width,
    height: HEAD + rowCount * ROW,
    columns: counts.map((units, index) => ({ x: LABEL + index * step, units })),
    headWidth: Math.min(112, step - 6),
  }
}

/** The upper edge of a node; shorter columns stand in the middle. */
export function nodeTop(layout: Layout, column: number, unit: number): number {
  const { units } = layout.columns[column] as Column
  return HEAD + (layout.height - HEAD - units * ROW) / 2 + unit * ROW + (ROW - NODE) / 2
}

/** The curve of a link as an SVG path. */
export function linkPath(layout: Layout, column: number, from: number, to: number): string {
  const x0 = (layout.columns[column] as Column).x + NODE
  const x1 = (layout.columns[column + 1] as Column).x
  const y0 = nodeTop(layout, column, from) + NODE / 2
  const y1 = nodeTop(layout, column + 1, to) + NODE / 2
  const bend = (x1 - x0) / 2
  return `M${x0} ${y0}C${x0 + bend} ${y0} ${x1 - bend} ${y1} ${x1} ${y1}`
}
