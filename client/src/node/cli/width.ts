/** How many columns a terminal gives to text, and text cut to some. */

const segmenter = new Intl.Segmenter(undefined, { granularity: 'grapheme' })
/** East Asian wide and fullwidth (UAX 11), and what is drawn as a picture. */
const wide =
  /\p{Emoji_Presentation}|\ufe0f|[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|[\u{20000}-\u{3fffd}]/u
const plain = /^[\x20-\x7e]*$/

export function widthOf(text: string): number {
  if (plain.test(text)) return text.length
  let width = 0
  for (const { segment } of segmenter.segment(text)) width += wide.test(segment) ? 2 : 1
  return width
}

/** At most `columns` wide, ending in an ellipsis when something was cut. */
export const cutTo = (text: string, columns: number): string =>
  widthOf(text) <= columns ? text : `${headOf(text, columns - 1)}…`

/** As much of the beginning as fits. */
function headOf(text: string, columns: number): string {
  let kept = ''
  let width = 0
  for (const { segment } of segmenter.segment(text)) {
    width += widthOf(segment)
    if (width > columns) break
    kept += segment
  }
  return kept
}

/** The end of a path, at most `columns` wide. */
export function tailTo(text: string, columns: number): string {
  if (widthOf(text) <= columns) return text
  const segments = [...segmenter.segment(text)].map(({ segment }) => segment)
  while (segments.length > 0 && widthOf(segments.join('')) > columns - 1) segments.shift()
  return `…${segments.join('')}`
}

/** `text` and blanks, `columns` wide. */
export function pad(text: string, columns: number, align: 'left' | 'right' = 'left'): string {
  const blanks = ' '.repeat(Math.max(0, columns - widthOf(text)))
  return align === 'left' ? text + blanks : blanks + text
}

/** Words in lines of at most `columns`; a longer word is broken. */
export function wrap(text: string, columns: number): string[] {
  const lines: string[] = []
  let line = ''
  for (const given of text.split(' ')) {
    let word = given
    while (widthOf(word) > columns) {
      if (line !== '') lines.push(line)
      line = ''
      const head = headOf(word, columns) || word.slice(0, 1)
      lines.push(head)
      word = word.slice(head.length)
    }
    const joined = line === '' ? word : `${line} ${word}`
    if (widthOf(joined) <= columns) line = joined
    else {
      lines.push(line)
      line = word
    }
  }
  return line === '' && lines.length > 0 ? lines : [...lines, line]
}
