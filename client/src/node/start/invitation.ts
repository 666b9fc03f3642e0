/**
 * The code of `npm start` (rule UP6): shown with the line to paste on the other device, counted down,
 * and made anew only when a person asks for it. The line holds the service's address, never the code.
 */
import { linkOnPage } from '@baton/shared/keyexchange/code-link'
import type { PairingEvent } from '../../core/mesh-api.ts'
import type { Context } from '../cli/command.ts'
import { failedAs, tellable } from '../cli/exit.ts'
import { devicePhrase } from '../cli/happening.ts'
import { confirm as ask } from '../cli/keys.ts'
import { qrLines } from '../cli/qr.ts'
import { clockLeft, took } from '../cli/units.ts'
import type { Daemon } from '../daemon.ts'
import { isPage, offerSample } from './sample.ts'

export interface Invitation {
  /** Resolves with true once a code stands on the screen. */
  show(): Promise<boolean>
  /** Counts down, and makes new codes at Enter, until the process ends. */
  wait(): void
}

export function createInvitation(
  context: Context,
  daemon: Daemon,
  options: { readonly qr: boolean },
): Invitation {
  const { terminal } = context
  const { mesh, facts } = daemon
  let expiresAt: number | undefined
  let code = ''

  async function open(shown: (ok: boolean) => void): Promise<void> {
    const qr = options.qr && terminal.live
    const task = mesh.invite({ qr, confirm: facts.confirm })
    const undo = context.onInterrupt(() => task.cancel())
    try {
      for await (const event of task.events) {
        if (event.at === 'code') {
          expiresAt = event.expiresAt
          code = event.code
          showCode(context, daemon, event)
          shown(true)
        } else if (event.at === 'check') await check(event, task.answer)
        else if (event.at === 'paired') paired(event)
        else if (event.at === 'failed') throw failedAs(event)
      }
    } catch (error) {
      ended(error)
    } finally {
      undo()
      expiresAt = undefined
      shown(false)
    }
  }

  async function check(event: PairingEvent & { at: 'check' }, answer: (yes: boolean) => void) {
    terminal.tell(`  ${event.emoji.join('   ')}`)
    if (!event.confirm) return
    answer(
      terminal.asks && (await ask(terminal, `Does ${event.peer.name} show the same pictures?`)),
    )
  }

  function paired({ device, ms }: PairingEvent & { at: 'paired' }): void {
    const { good, bold, dim } = terminal.note
    terminal.tell(`${good('✓')} paired with ${bold(devicePhrase(device))}  ${dim(took(ms))}`)
    if (isPage(device)) void offerSample(daemon, device)
    terminal.tell('  hand it a session: node client/bin/baton.mjs send')
    again()
  }

  function ended(error: unknown): void {
    const { code: why, message, hint } = tellable(error)
    if (why === 'cancelled' || why === 'pairing-cancelled') return
    terminal.tell(`${terminal.note.warn('!')} ${message}${hint === undefined ? '' : `; ${hint}`}`)
    again()
  }

  const again = () =>
    terminal.tell(
      terminal.note.dim(
        terminal.asks
          ? 'Enter makes another code'
          : 'node client/bin/baton.mjs pair makes another code',
      ),
    )

  return {
    show: () => new Promise((resolve) => void open(resolve)),
    wait() {
      const { stdin } = terminal
      if (expiresAt !== undefined && !terminal.live) terminal.tell(`waiting; the code is ${code}`)
      if (!terminal.live) return
      const draw = () => {
        if (expiresAt === undefined) return
        const left = clockLeft(expiresAt - context.now())
        terminal.draw(`${code}  waiting for another device, ${left} left. Ctrl-C ends`)
      }
      draw()
      setInterval(draw, 1000).unref()
      if (!terminal.asks) return
      stdin.on('data', () => {
        if (expiresAt === undefined) void open(() => draw())
      })
      stdin.resume()
    },
  }
}

function showCode(
  { terminal }: Context,
  { facts, signaling, page }: Daemon,
  event: PairingEvent & { at: 'code' },
): void {
  const { bold, dim } = terminal.note
  const alone = facts.embedded && !facts.beyond
  const line = `npm start -- --join --signal ${signaling}`
  terminal.tell()
  terminal.tell(
    alone
      ? 'To try it with a second device on this machine, run in another terminal'
      : 'On the other device run',
  )
  terminal.tell()
  terminal.tell(`  ${bold(alone ? secondHome(line) : line)}`)
  if (page !== undefined) {
    terminal.tell(`  or open ${bold(page)} in ${facts.page ? 'its browser' : 'a browser here'}`)
  }
  terminal.tell()
  terminal.tell('and type this code:')
  terminal.tell()
  terminal.line(bold(event.code))
  terminal.tell()
  if (alone) terminal.tell(dim('For a device elsewhere: npm start -- --lan'))
  const colour = dim(' ') !== ' '
  const lines = alone
    ? undefined
    : event.qr && qrLines(linkOnPage(event.qr, facts.page), terminal.columns, colour)
  if (!lines) return
  terminal.tell(dim('or scan:'))
  for (const each of lines) terminal.tell(each)
}

/** Another home makes another device. */
const secondHome = (line: string): string =>
  process.platform === 'win32'
    ? `$env:BATON_HOME = "$env:TEMP\\baton-second"; ${line}`
    : `BATON_HOME=/tmp/baton-second ${line}`
