/** How a Winograd convolution is cut into panels of tiles, tiles of output channels and blocks that stay in cache. */
import type { WinogradKernel } from '../../../compile/kernel.ts'
import { BLOCK_BYTES, POSITIONS, SPAN } from '../../../compile/winograd-scheme.ts'
import { type RowTiles, type TileForm, tileForm, tileRows } from './contract-plan.ts'
import { SKEW } from './winograd-transforms.ts'

export interface WinogradPlan extends RowTiles, TileForm {
  /** Threads divide the row tiles instead of the panels: each transforms its own kernels, and all tiles. */
  readonly divideRows: boolean
  readonly panels: number
  readonly blockPanels: number
  /** From one position of a panel to the next, and from panel to panel. */
  readonly positionBytes: number
  readonly panelBytes: number
  /** Products of one tile of output channels. */
  readonly productBytes: number
  /** From one position of the transformed kernels to the next. */
  readonly kernelPosition: number
  readonly scratchBytes: number
}

export function planWinograd({ inputs, outputs, grid, weights }: WinogradKernel, wide: boolean): WinogradPlan {
  const { maxRows, panel } = tileForm(wide, grid.tiles)
  const panels = Math.ceil(grid.tiles / panel)
  const positionBytes = inputs * panel * 4 + SKEW
  const panelBytes = POSITIONS * positionBytes
  const blockPanels = Math.max(1, Math.min(panels, Math.floor(BLOCK_BYTES / panelBytes)))
  // Tiles at the edge are read as a whole: the arena must not end before they do.
  const beyond = 4 * SPAN * grid.inputPitch
  const rows = tileRows(outputs, maxRows)
  const productBytes = POSITIONS * rows.rows * panel * 4
  const divideRows = weights.kind === 'taps'
  const kernelPosition = 4 * (divideRows ? rows.rows * inputs : weights.position) + (divideRows ? SKEW : 0)
  const kernelBytes = divideRows ? POSITIONS * kernelPosition : 0
  return {
    divideRows,
    kernelPosition,
    maxRows,
    panel,
    panels,
    blockPanels,
    positionBytes,
    panelBytes,
    productBytes,
    ...rows,
    scratchBytes: Math.max(productBytes + blockPanels * panelBytes + kernelBytes, beyond),
  }
}
