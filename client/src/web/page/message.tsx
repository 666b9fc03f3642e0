/** One row of a transcript. Whatever the text says, it becomes text: see marks.ts. */
import { cleanLines } from '@baton/shared/clean-text'
import type { ShownRecord } from '../../core/mesh-api.ts'
import { clock } from './format.ts'
import type { Item } from './items.ts'
import { type Block, type Inline, parseMarks } from './marks.ts'
import { w } from './words/words.ts'

export interface RowProps {
  readonly item: Item
  readonly index: number
  /** Rows that a person unfolded: they stay so when they come back into sight. */
  readonly open: Set<number>
}

export function Row({ item, open, index }: RowProps) {
  if (item.at === 'file') return <h2 class="file">{fileName(item.file)}</h2>
  if (item.at === 'said') return <Said record={item.record} />
  const { record, results } = item
  const [tool = '', ...rest] = seen(record.text).split(' ')
  const argument = rest.join(' ')
  const [line = ''] = argument.split('\n', 1)
  return (
    <details
      class="call"
      open={open.has(index)}
      onToggle={(event) => {
        if (event.currentTarget.open) open.add(index)
        else open.delete(index)
      }}
    >
      <summary>
        <b>{tool}</b> <code>{line}</code>
        <span class="quiet">{outcome(record, results)}</span>
      </summary>
      {argument !== line && <pre>{argument}</pre>}
      {results.map((result) => (
        <pre key={result.index} class="result">
          {seen(result.text)}
        </pre>
      ))}
    </details>
  )
}

/** Of one text; what is longer is cut, and its end says so. */
const maxChars = 256 * 1024

/** Nothing invisible, whoever wrote it. */
const seen = (text: string): string => cleanLines(text, maxChars) ?? ''

function outcome({ state }: ShownRecord, results: readonly ShownRecord[]): string {
  const t = w().session
  if (state !== undefined && state !== 'ok') return wordFor(t.calls, state)
  if (results.length === 0) return t.noResult
  const lines = results.reduce((sum, { text }) => sum + text.split('\n').length, 0)
  return t.lines(lines)
}

/** A word for how it stands; one that is not known is shown as it came. */
const wordFor = (words: Readonly<Record<string, string>>, state: string): string =>
  words[state] ?? state

function Said({ record }: { readonly record: ShownRecord }) {
  const { kind, at, state } = record
  const text = seen(record.text)
  return (
    <section class={`said ${kind}`}>
      <h2>
        {w().session.names[kind]}
        <time class="quiet" dateTime={at}>
          {clock(at)}
        </time>
        {state !== undefined && (
          <span class={`badge ${state}`}>{wordFor(w().session.states, state)}</span>
        )}
      </h2>
      {kind === 'user' || kind === 'assistant' ? (
        parseMarks(text).map((block, i) => <Marked key={i} block={block} />)
      ) : (
        <p class="lines">{text}</p>
      )}
    </section>
  )
}

function Marked({ block }: { readonly block: Block }) {
  switch (block.at) {
    case 'code':
      return <pre>{block.text}</pre>
    case 'heading':
      return (
        <h3>
          <Line inline={block.inline} />
        </h3>
      )
    case 'quote':
      return (
        <blockquote class="lines">
          <Line inline={block.inline} />
        </blockquote>
      )
    case 'list': {
      const List = block.ordered ? 'ol' : 'ul'
      return (
        <List>
          {block.items.map((item, i) => (
            <li key={i} class="lines">
              <Line inline={item} />
            </li>
          ))}
        </List>
      )
    }
    default:
      return (
        <p class="lines">
          <Line inline={block.inline} />
        </p>
      )
  }
}

const Line = ({ inline }: { readonly inline: readonly Inline[] }) => (
  <>
    {inline.map((part, i) => {
      if (part.at === 'code') return <code key={i}>{part.text}</code>
      if (part.at === 'strong') return <strong key={i}>{part.text}</strong>
      return part.text
    })}
  </>
)

/** `subagents/agent-a4c8.jsonl` as people call it; it is a path of another device, and only text. */
const fileName = (file: string): string => file.replace(/\.jsonl$/, '').replaceAll('/', ' · ')
