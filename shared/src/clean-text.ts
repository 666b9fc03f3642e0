/** Text of a transcript made fit for a terminal and a list: bounded, one line, nothing invisible. */

/** Control, format (bidi overrides, zero width) and unpaired surrogate characters. */
const unseen = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\u2028\u2029]+/gu
/** CSI and OSC sequences, whole: without their introducer they would leave litter. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters to be removed
const ansi = /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)?)/g

/** The same but for line ends and tabs. */
const unseenInLines = /(?:[^\P{Cc}\n\t]|[\p{Cf}\p{Cs}\p{Co}\u2028\u2029])+/gu

/** At most `maxChars` code points; longer text ends in an ellipsis. Undefined when nothing is left. */
export function cleanText(text: string, maxChars: number): string | undefined {
  const cut = text.slice(0, maxChars * 8)
  const clean = cut.replace(ansi, '').replace(unseen, ' ').replace(/\s+/g, ' ').trim()
  if (clean === '') return undefined
  const points = [...clean]
  if (points.length <= maxChars) return clean
  return `${points.slice(0, maxChars - 1).join('')}…`
}

/**
 * Text to be read at length: its lines and their beginnings stay, everything invisible goes, and of
 * several empty lines one. Undefined when nothing is left.
 */
export function cleanLines(text: string, maxChars: number): string | undefined {
  const clean = text
    .slice(0, maxChars + 1)
    .replace(/\r\n?/g, '\n')
    .replace(ansi, '')
    .replace(unseenInLines, ' ')
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n')
    .replace(/\n{3,}/g, '\n\n')
    .replace(/^\n+|\n+$/g, '')
  if (clean === '') return undefined
  return text.length > maxChars ? `${clean.slice(0, maxChars - 1)}…` : clean
}
