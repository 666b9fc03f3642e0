/**
 * The marks of a message taken apart: fenced code, lists, headings, bold and code in a line. What comes
 * out is a tree of texts and nothing else: no link, no picture, no tag, whatever the text says. Marks
 * that do not close are text.
 */
export type Inline =
  | { readonly at: 'text'; readonly text: string }
  | { readonly at: 'code'; readonly text: string }
  | { readonly at: 'strong'; readonly text: string }

export type Block =
  | { readonly at: 'text' | 'heading' | 'quote'; readonly inline: readonly Inline[] }
  | {
      readonly at: 'list'
      readonly ordered: boolean
      readonly items: readonly (readonly Inline[])[]
    }
  | { readonly at: 'code'; readonly text: string }

export function parseMarks(text: string): readonly Block[] {
  const blocks: Block[] = []
  const lines = text.split('\n')
  for (let at = 0; at < lines.length; ) {
    const line = lines[at] as string
    const fence = /^ {0,3}(`{3,}|~{3,})/.exec(line)?.[1]
    if (fence !== undefined) {
      let end = at + 1
      while (end < lines.length && !(lines[end] as string).trim().startsWith(fence)) end += 1
      blocks.push({ at: 'code', text: lines.slice(at + 1, end).join('\n') })
      at = end + 1
    } else if (line.trim() === '') at += 1
    else if (/^#{1,6} /.test(line)) {
      blocks.push({ at: 'heading', inline: parseInline(line.replace(/^#{1,6} +/, '')) })
      at += 1
    } else if (listItem.test(line)) {
      const end = endOf(lines, at, (each) => listItem.test(each) || /^\s+\S/.test(each))
      blocks.push(listOf(lines.slice(at, end)))
      at = end
    } else if (line.startsWith('>')) {
      const end = endOf(lines, at, (each) => each.startsWith('>'))
      const words = lines.slice(at, end).map((each) => each.replace(/^> ?/, ''))
      blocks.push({ at: 'quote', inline: parseInline(words.join('\n')) })
      at = end
    } else {
      const end = endOf(lines, at, (each) => each.trim() !== '' && !opensBlock.test(each))
      blocks.push({ at: 'text', inline: parseInline(lines.slice(at, end).join('\n')) })
      at = end
    }
  }
  return blocks
}

const listItem = /^ {0,3}(?:[-*+]|\d{1,3}[.)]) /
const opensBlock = /^(?: {0,3}(?:`{3,}|~{3,}|[-*+] |\d{1,3}[.)] )|#{1,6} |>)/

function endOf(lines: readonly string[], from: number, goesOn: (line: string) => boolean): number {
  let end = from + 1
  while (end < lines.length && goesOn(lines[end] as string)) end += 1
  return end
}

function listOf(lines: readonly string[]): Block {
  const items: string[] = []
  for (const line of lines) {
    if (listItem.test(line)) items.push(line.replace(listItem, ''))
    else items.push(`${items.pop() ?? ''}\n${line.trim()}`)
  }
  const ordered = /^ {0,3}\d/.test(lines[0] ?? '')
  return { at: 'list', ordered, items: items.map(parseInline) }
}

export function parseInline(text: string): readonly Inline[] {
  const parts: Inline[] = []
  let last = 0
  for (const match of text.matchAll(/`([^`\n]+)`|\*\*([^*\n]+)\*\*/g)) {
    if (match.index > last) parts.push({ at: 'text', text: text.slice(last, match.index) })
    const [whole, code, strong] = match
    parts.push(
      code === undefined ? { at: 'strong', text: strong ?? '' } : { at: 'code', text: code },
    )
    last = match.index + whole.length
  }
  if (last < text.length) parts.push({ at: 'text', text: text.slice(last) })
  return parts
}
