/** A QR code in half blocks, two modules a character: dark on light whatever the terminal's theme. */
import { encode } from 'uqr'

const border = 2

/** Lines of at most `columns`, or undefined when it does not fit. */
export function qrLines(text: string, columns: number, colour: boolean): string[] | undefined {
  const { data, size } = encode(text, { ecc: 'L', border })
  if (size > columns) return undefined
  const dark = (x: number, y: number) => data[y]?.[x] === true
  const lines: string[] = []
  for (let y = 0; y < size; y += 2) {
    let line = ''
    for (let x = 0; x < size; x++) line += block(dark(x, y), dark(x, y + 1), colour)
    lines.push(colour ? `\u001b[30;107m${line}\u001b[0m` : line)
  }
  return lines
}

/** Without colour the light modules are drawn, which suits the dark terminals most people have. */
function block(top: boolean, bottom: boolean, colour: boolean): string {
  const [upper, lower] = colour ? [top, bottom] : [!top, !bottom]
  if (upper) return lower ? '█' : '▀'
  return lower ? '▄' : ' '
}
