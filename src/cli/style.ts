/** Weights and colours of letters on terminals that want them; plain text elsewhere. */
import { styleText } from 'node:util'
import type { Output } from './terminal.ts'

/** What a piece of text is to the reader. */
export type TextStyle = 'strong' | 'faint' | 'good'

const formats = { strong: 'bold', faint: 'dim', good: 'green' } as const satisfies Record<TextStyle, string>

/** The text in a style, for an output that shows it. */
export function styled(output: Output, style: TextStyle, text: string): string {
  return output.colour ? styleText(formats[style], text, { validateStream: false }) : text
}
