/**
 * A session on a terminal as it goes (rules WA4, WA5): whole lines on stdout as they are full, and the
 * line that still grows, or the calls that run, drawn over where lines may be drawn over. Text of others
 * is made safe before it gets here a line.
 */
import { cleanText } from '@baton/shared/clean-text'
import type { CallFacts, LiveEvent, PlanEntry } from '../../core/driven-api.ts'
import { safeWords } from './safe-text.ts'
import { markOf, nameColumns, textRoom } from './show.ts'
import type { Terminal } from './terminal.ts'
import { cutTo, wrap } from './width.ts'

export interface LiveScreen {
  show(event: LiveEvent): void
  /** What was drawn becomes a line of its own. */
  end(): void
}

const names: Readonly<Record<string, string>> = {
  user: 'you',
  assistant: 'agent',
  thought: 'thought',
  system: 'system',
}

const ends: readonly string[] = ['ok', 'error', 'cancelled', 'unknown']

export function createLiveScreen(terminal: Terminal): LiveScreen {
  const { paint } = terminal
  const room = textRoom(terminal.columns)
  /** Calls without an end, by name, in the order in which they began. */
  const running = new Map<string, CallFacts>()
  /** Of messages that grow. */
  const roles = new Map<string, string>()
  let open: { readonly id: string; readonly role: string } | undefined
  let name = ''
  let line = ''
  let blank = 0
  let said = false

  const lead = () => name.padEnd(nameColumns)
  const nameOf = (role: string) => names[role] ?? cleanText(role, nameColumns - 1) ?? ''

  function put(text: string): void {
    const quiet = open !== undefined && open.role !== 'user' && open.role !== 'assistant'
    const shown = quiet ? paint.dim(text) : text
    const colour =
      open?.role === 'user' ? paint.accent : open?.role === 'assistant' ? paint.good : paint.dim
    for (; blank > 0; blank--) terminal.line()
    terminal.line(`${colour(lead())}${shown}`)
    name = ''
    said = true
  }

  function add(text: string): void {
    for (const [i, part] of text.replaceAll('\r', '').split('\n').entries()) {
      if (i > 0) {
        if (line !== '') put(line.trimEnd())
        // Blank lines stand between others, and nowhere else.
        else if (said) blank += 1
        line = ''
      }
      if (part === '') continue
      const lines = wrap(line + safeWords(part), room)
      line = lines.pop() ?? ''
      for (const full of lines) put(full)
    }
  }

  function begin(id: string, role = roles.get(id) ?? 'assistant'): void {
    finish()
    roles.set(id, role)
    open = { id, role }
    name = nameOf(role)
    said = false
  }

  function finish(state?: string): void {
    if (open === undefined) return
    blank = 0
    const mark = state === undefined ? '' : markOf(state, paint)
    const text = line.trimEnd()
    if (text !== '') put(mark === '' ? text : `${text} ${mark}`)
    else if (mark !== '' || !said) put(mark)
    line = ''
    open = undefined
  }

  function draw(): void {
    const [call] = [...running.values()].slice(-1)
    if (open !== undefined && line !== '') terminal.draw(`${lead()}${line}`)
    else if (call === undefined) terminal.wipe()
    else {
      const more = running.size > 1 ? `, and ${running.size - 1} more` : ''
      terminal.draw(`${'tool'.padEnd(nameColumns)}${callText(call)} … ${call.status}${more}`)
    }
  }

  function callLine(of: CallFacts): void {
    finish()
    const mark = markOf(of.status, paint)
    const text = cutTo(callText(of), Math.max(10, room - of.status.length - 3))
    terminal.line(`${paint.dim('tool'.padEnd(nameColumns))}${paint.dim(text)} ${mark}`)
  }

  function showCall(of: CallFacts): void {
    const known = running.get(of.call)
    if (!ends.includes(of.status)) {
      running.set(of.call, of)
      // A pipe is told each step, since nothing is drawn there.
      if (!terminal.live && known?.status !== of.status) callLine(of)
      return
    }
    running.delete(of.call)
    callLine(of)
    const [output] = (of.output ?? '').split('\n').filter((each) => each.trim() !== '')
    if (output === undefined || of.status === 'unknown') return
    const shown = cutTo(safeWords(output).trim(), room - 2)
    terminal.line(`${' '.repeat(nameColumns)}${paint.dim(`  ${shown}`)}`)
  }

  function showPlan(entries: readonly PlanEntry[]): void {
    finish()
    for (const [i, { content, status }] of entries.entries()) {
      const text = `${marks[status]} ${cutTo(cleanText(content, 500) ?? '', room - 2)}`
      const shown = status === 'completed' ? paint.dim(text) : text
      terminal.line(`${paint.dim((i === 0 ? 'plan' : '').padEnd(nameColumns))}${shown}`)
    }
  }

  function take(event: LiveEvent): void {
    switch (event.at) {
      case 'message':
        begin(event.id, event.role)
        if (event.state === 'retracted') finish('taken back')
        else {
          add(event.text)
          if (event.state !== 'open') {
            roles.delete(event.id)
            finish(event.state === 'whole' ? event.flaw : event.state)
          }
        }
        break
      case 'text':
        if (open?.id !== event.id) begin(event.id)
        add(event.text)
        break
      case 'ended':
        roles.delete(event.id)
        if (open?.id === event.id) finish(event.state === 'whole' ? event.flaw : event.state)
        break
      case 'call':
        showCall(event)
        break
      case 'plan':
        showPlan(event.entries)
        break
      case 'input':
        showInput(event.text)
        break
      default:
    }
  }

  function showInput(text: string): void {
    finish()
    const shown = cutTo(cleanText(text, 500) ?? '', room - 8)
    terminal.line(`${paint.accent('inbox'.padEnd(nameColumns))}${shown} ${paint.dim('(waits)')}`)
  }

  return {
    show(event) {
      take(event)
      draw()
    },
    end() {
      finish()
      terminal.wipe()
    },
  }
}

const marks: Readonly<Record<PlanEntry['status'], string>> = {
  completed: '✓',
  in_progress: '›',
  pending: '·',
}

const callText = ({ name, input }: CallFacts): string =>
  [cleanText(name, 200), cleanText(input ?? '', 200)].filter((part) => part).join('  ')
