/** Text of others made fit for a terminal without changing how it reads: blanks stay as they are. */

/** Whole escape sequences: without their introducer they would leave litter. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters to be removed
const ansi = /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)?)/g
const unseen = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\u2028\u2029]/gu

/** One line; every control, format and unpaired character becomes a visible mark. */
export const safeLine = (text: string): string => text.replace(unseen, '\ufffd')

/** The same of prose: colours go, and tabs are blanks. */
export const safeWords = (text: string): string =>
  safeLine(text.replace(ansi, '').replaceAll('\t', '  '))

/** The lines of a text of others, each safe, blank ones at its ends left out; at least one. */
export function prose(text: string): string[] {
  const lines = text.split(/\r\n|[\n\r\u2028\u2029]/).map((line) => safeWords(line).trimEnd())
  while (lines.length > 1 && lines.at(-1) === '') lines.pop()
  while (lines.length > 1 && lines[0] === '') lines.shift()
  return lines
}
