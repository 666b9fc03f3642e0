/**
 * The tour (rules UP4, UP5): once per home a throw-away device pairs with this one through the real
 * signaling and receives the bundled sample session, never one of the person's own. Each stage is
 * told with its time, and nothing of the guest is left.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { BatonError } from '@baton/shared/errors'
import type { DeviceId } from '@baton/shared/ids'
import type { Mesh, PairingEvent } from '../../core/mesh-api.ts'
import type { Context } from '../cli/command.ts'
import { failedAs, tellable } from '../cli/exit.ts'
import { followSend } from '../cli/send.ts'
import { took } from '../cli/units.ts'
import { sampleSession } from './sample.ts'

const marker = (folder: string): string => join(folder, 'toured')

/** Whether this home, `Places.state`, has had its tour. */
export const hasToured = (folder: string): boolean => existsSync(marker(folder))

export interface TourOptions {
  readonly mesh: Mesh
  readonly signaling: string
}

/** Never rejects: a tour that fails says why, and comes again at the next start. */
export async function runTour(context: Context, options: TourOptions): Promise<boolean> {
  const { terminal } = context
  const { bold, dim, bad } = terminal.note
  const began = performance.now()
  terminal.tell()
  terminal.tell(bold('The tour: a second device, for a moment, receives a sample session'))
  const guest = openGuest(options.signaling)
  const undo = context.onInterrupt(() => guest.kill())
  try {
    await visit(context, options, guest)
    writeFileSync(marker(context.places.state), '')
    return true
  } catch (error) {
    const { message, hint } = tellable(error)
    terminal.tell(`  ${bad('✗')} ${message}`)
    if (hint !== undefined) terminal.tell(`    ${hint}`)
    return false
  } finally {
    undo()
    await guest.close()
    terminal.tell(
      dim(`  the guest is gone, with all it had; ${took(performance.now() - began)} in all`),
    )
  }
}

async function visit(context: Context, { mesh }: TourOptions, guest: Guest): Promise<void> {
  const { terminal } = context
  const { good, dim } = terminal.note
  let last = performance.now()
  const stage = (name: string, text: string) => {
    const now = performance.now()
    terminal.tell(`  ${good('✓')} ${name.padEnd(9)} ${text}  ${dim(took(now - last))}`)
    last = now
  }
  const invite = mesh.invite({ qr: false, confirm: false, guest: true })
  const stop = context.onInterrupt(() => invite.cancel())
  try {
    const ready = await guest.event('ready')
    stage('guest', `its own process (${ready.pid}) and home`)
    const emoji = { here: '', there: '' }
    const there = guest.event('check').then((event) => {
      emoji.there = event.emoji.join('  ')
    })
    there.catch(() => undefined)
    for await (const event of invite.events) {
      if (event.at === 'failed') throw failedAs(event)
      if (event.at === 'code') guest.tell(event.code)
      if (event.at === 'check') emoji.here = event.emoji.join('  ')
      if (event.at === 'paired') break
    }
    await guest.event('paired')
    if (emoji.here === '' || emoji.here !== emoji.there) throw differ()
    stage('paired', `by a one-use code; both show ${emoji.here}`)
    const project = join(guest.root, 'tide-clock')
    const task = mesh.send(sampleSession, { to: ready.device, maps: [], project })
    const done = await followSend(context, task, 'the guest', { resume: false })
    if (done.digest.here !== done.digest.there) throw differ()
    terminal.tell(`    here  ${done.digest.here}`)
    terminal.tell(`    there ${done.digest.there}`)
  } finally {
    stop()
  }
}

const differ = () => new BatonError('invalid', 'the two sides do not show the same')

interface Ready {
  readonly at: 'ready'
  readonly pid: number
  readonly device: DeviceId
}
type GuestEvent = Ready | PairingEvent

interface Guest {
  readonly root: string
  tell(code: string): void
  /** The first event of this kind; rejects when the guest failed or is gone. */
  event<A extends GuestEvent['at']>(at: A): Promise<Extract<GuestEvent, { at: A }>>
  kill(): void
  /** Resolves when the process and its folder are gone. */
  close(): Promise<void>
}

/** Longest a guest may take to go by itself. */
const leaveMs = 3_000

function openGuest(signaling: string): Guest {
  const root = mkdtempSync(join(tmpdir(), 'baton-tour-'))
  mkdirSync(join(root, 'tide-clock'))
  const entry = fileURLToPath(new URL('./guest.js', import.meta.url))
  const child = spawn(process.execPath, [entry, root, signaling], {
    stdio: ['pipe', 'pipe', 'ignore'],
    windowsHide: true,
  })
  const seen: GuestEvent[] = []
  const waiting = new Set<() => void>()
  let gone = false
  const wake = () => {
    for (const each of [...waiting]) each()
  }
  const ended = endOf(child).then(() => {
    gone = true
    wake()
  })
  child.stdin.on('error', () => undefined)
  createInterface({ input: child.stdout }).on('line', (line) => {
    seen.push(JSON.parse(line) as GuestEvent)
    wake()
  })

  return {
    root,
    tell: (code) => void child.stdin.write(`${code}\n`),
    event: (at) =>
      new Promise((resolve, reject) => {
        const look = () => {
          const found = seen.find((event) => event.at === at)
          const failed = seen.find((event) => event.at === 'failed')
          if (!found && !failed && !gone) return
          waiting.delete(look)
          if (found) resolve(found as never)
          else reject(failed ? failedAs(failed) : new BatonError('cancelled', 'the guest ended'))
        }
        waiting.add(look)
        look()
      }),
    kill: () => void child.kill('SIGKILL'),
    async close() {
      child.stdin.end()
      const late = setTimeout(() => child.kill('SIGKILL'), leaveMs)
      await ended
      clearTimeout(late)
      rmSync(root, { recursive: true, force: true })
    },
  }
}

const endOf = (child: ChildProcess): Promise<void> =>
  new Promise((resolve) => {
    child.once('close', () => resolve())
    child.once('error', () => resolve())
  })
