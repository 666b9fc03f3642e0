/** The stages of a send: one line each with its time, and one that is drawn over while bytes move. */
import { cleanText } from '@baton/shared/clean-text'
import type { SendEvent } from '../../core/mesh-api.ts'
import type { Terminal } from './terminal.ts'
import { bytes, plural, took } from './units.ts'
import { tailTo } from './width.ts'

export interface Stages {
  step(event: SendEvent, name: string): void
  end(): void
}

/** Time over which a rate is measured. */
const rateMs = 2000

/** `now`: monotonic ms. */
export function createStages(terminal: Terminal, now: () => number): Stages {
  const { good, warn, dim } = terminal.note
  let begun = now()
  let open: string | undefined
  let text = ''
  let mark = good('✓')
  let samples: { readonly at: number; readonly sent: number }[] = []

  const close = () => {
    if (open !== undefined && text !== '') {
      terminal.tell(`  ${mark} ${open.padEnd(9)} ${text}  ${dim(took(now() - begun))}`)
    }
    open = undefined
    text = ''
    begun = now()
  }
  const enter = (stage: string) => {
    if (open === stage) return
    close()
    open = stage
  }

  function rate(sent: number): string {
    const at = now()
    samples = [...samples.filter((each) => at - each.at < rateMs), { at, sent }]
    const [first] = samples
    if (first === undefined || at - first.at < 200) return ''
    return `  ${bytes(((sent - first.sent) * 1000) / (at - first.at))}/s`
  }

  function step(event: SendEvent, name: string): void {
    switch (event.at) {
      case 'reading':
        enter('read')
        text = `${plural(event.records, 'record')}, ${bytes(event.bytes)}`
        terminal.draw(`reading  ${text}`)
        return
      case 'skipped':
        tellSkipped(terminal, event.files)
        return
      case 'cut':
        tellCut(terminal, event.records, name)
        return
      case 'connecting':
      case 'waiting':
        enter('connect')
        terminal.draw(`waiting for ${name} to connect`)
        return
      case 'sending': {
        if (open === 'connect') text = `to ${name}`
        enter('sent')
        const { sentBytes, totalBytes, wireBytes, path } = event
        const how = path === 'unknown' ? '' : `, ${path}`
        text = `${bytes(totalBytes)}, ${bytes(wireBytes)} on the wire${how}`
        const share = totalBytes === 0 ? 100 : Math.floor((100 * sentBytes) / totalBytes)
        terminal.draw(
          `sending  ${bytes(sentBytes)} of ${bytes(totalBytes)}  ${share} %${rate(sentBytes)}${how}`,
        )
        return
      }
      case 'placing':
        enter('placed')
        terminal.draw(`${name} puts it in its place`)
        return
      case 'done':
        finish(event)
        return
      default:
        return
    }
  }

  function finish(event: SendEvent & { at: 'done' }): void {
    const { placed, unplaced, merged, receipt, digest } = event
    const room = Math.max(16, terminal.columns - 28)
    text = placed ? tailTo(cleanText(placed.path, 400) ?? '', room) : 'kept there, not placed'
    if (unplaced !== undefined) mark = warn('!')
    if (merged === 'extended') text = `${text}, extended`
    close()
    mark = good('✓')
    const signed = receipt.signedBy.length === 2 ? 'signed by both' : 'signed by one side'
    const equal = digest.here === digest.there ? 'the same on both' : 'NOT the same'
    terminal.tell(`  ${good('✓')} ${'receipt'.padEnd(9)} ${receipt.id.slice(0, 12)}, ${signed}`)
    terminal.tell(`  ${good('✓')} ${'digest'.padEnd(9)} ${digest.here.slice(0, 16)}…, ${equal}`)
    terminal.tell(dim(`    ${took(event.ms)} in all`))
  }

  return {
    step,
    end() {
      terminal.wipe()
    },
  }
}

const shownSkipped = 3

/** What a copy lacks is told before it is sent, also with --quiet. */
function tellSkipped(terminal: Terminal, files: readonly string[]): void {
  const some = files.slice(0, shownSkipped).map((file) => cleanText(file, 400) ?? '')
  const more = files.length - some.length
  const rest = more > 0 ? `, and ${more} more` : ''
  terminal.warn(`warning: not carried: ${some.join(', ')}${rest}`)
}

/** Who cut a file would think that the copy is cut, too; told also with --quiet. */
function tellCut(terminal: Terminal, records: number, name: string): void {
  const are = `${plural(records, 'record')} ${records === 1 ? 'is' : 'are'}`
  terminal.warn(
    `warning: ${are} no longer in its file here, but kept: sent to ${name} all the same`,
  )
}
