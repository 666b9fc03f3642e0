/**
 * Requests to hand a session over, asked about where `up` runs in a terminal (rule UP13): one at a time,
 * on the line that is drawn over, answered by a key. What is answered elsewhere, or expires, is asked no
 * more.
 */
import { emitKeypressEvents } from 'node:readline'
import { isBatonError } from '@baton/shared/errors'
import type { HandoffRow, Mesh } from '../../core/mesh-api.ts'
import { nameIn, requestPhrase } from '../notifications/requests.ts'
import type { Context } from './command.ts'

export interface Questions {
  /** Somebody is there who is asked. */
  readonly asks: boolean
  /** After anything else was written. */
  draw(): void
  /** Somebody else has the terminal: nothing is asked meanwhile. */
  hold(on: boolean): void
  close(): void
}

/** A key that was on its way to something else, when the question appeared, answers nothing. */
const tooSoonMs = 500

const nobody: Questions = {
  asks: false,
  draw: () => undefined,
  hold: () => undefined,
  close: () => undefined,
}

interface Waiting {
  readonly row: HandoffRow
  readonly text: string
}

export function askAboutRequests(
  { terminal, now }: Pick<Context, 'terminal' | 'now'>,
  mesh: Pick<Mesh, 'watch' | 'devices' | 'handoffs'>,
): Questions {
  if (!terminal.asks) return nobody
  const { stdin } = terminal
  const waiting: Waiting[] = []
  const over = new Set<string>()
  let drawnAt = 0
  let shown: string | undefined
  let raw = false
  let held = false

  function draw(): void {
    const [first] = waiting
    listen(first !== undefined && !held)
    if (!first || held) return
    if (shown !== first.row.id) drawnAt = now()
    shown = first.row.id
    terminal.draw(
      `${terminal.note.accent('?')} ${first.text}: accept? ${terminal.note.dim('(y/n)')} `,
    )
  }

  function listen(on: boolean): void {
    if (on === raw) return
    raw = on
    stdin.setRawMode(on)
    if (on) {
      emitKeypressEvents(stdin)
      stdin.on('keypress', pressed).resume()
    } else stdin.off('keypress', pressed).pause()
  }

  function pressed(
    _text: string | undefined,
    { name, ctrl }: { name?: string; ctrl?: boolean },
  ): void {
    // Raw mode makes a key of what is a signal elsewhere.
    if (ctrl && name === 'c') process.emit('SIGINT', 'SIGINT')
    const [first] = waiting
    if (!first || ctrl || (name !== 'y' && name !== 'n') || now() - drawnAt < tooSoonMs) return
    const yes = name === 'y'
    drop(first.row.id)
    terminal.tell(`${terminal.note.accent('?')} ${first.text}: ${yes ? 'accepted' : 'declined'}`)
    draw()
    mesh.handoffs.answer(first.row.id, yes).catch((error: unknown) => {
      if (!isBatonError(error)) throw error
      terminal.tell(`${terminal.note.warn('not answered')}: ${error.message}`)
      draw()
    })
  }

  function drop(id: string): void {
    const at = waiting.findIndex(({ row }) => row.id === id)
    if (at < 0) return
    waiting.splice(at, 1)
    if (shown !== id) return
    shown = undefined
    terminal.wipe()
  }

  async function take(row: HandoffRow): Promise<void> {
    if (!row.waitsForUs) {
      over.add(row.id)
      drop(row.id)
      return draw()
    }
    const name = await nameIn(mesh, row)
    if (over.has(row.id) || waiting.some((each) => each.row.id === row.id)) return
    waiting.push({ row, text: requestPhrase(row, name) })
    draw()
  }

  const unwatch = mesh.watch((event) => {
    if (event.kind === 'handoff') void take(event.handoff)
  })
  // What came while this device was down waits, too.
  void mesh.handoffs
    .list()
    .then((rows) => Promise.all(rows.filter(({ waitsForUs }) => waitsForUs).map(take)))

  return {
    asks: true,
    draw,
    hold(on) {
      held = on
      if (on && shown !== undefined) terminal.wipe()
      shown = undefined
      draw()
    },
    close() {
      unwatch()
      waiting.length = 0
      listen(false)
      terminal.wipe()
    },
  }
}
