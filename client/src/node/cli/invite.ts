/**
 * `baton invite`: the link that lets another device into a session (rule CL33): alone on stdout, and as a
 * QR code beside it. For a paired device it is good at once; for any other this waits until it came.
 */
import { linkOnPage } from '@baton/shared/keyexchange/code-link'
import type { InterfaceMode } from '@baton/shared/model/agent/schema'
import type { HandoffKind } from '../../core/mesh-api.ts'
import type { Context } from './command.ts'
import { findDevice, nameOf } from './devices.ts'
import { usage } from './exit.ts'
import { concludeHandoff, followHandoff } from './handing.ts'
import { qrLines } from './qr.ts'
import { safeLine } from './safe-text.ts'
import { clockLeft } from './units.ts'

export interface InviteOptions {
  readonly transfer?: boolean
  readonly mirror?: boolean
  readonly observe?: boolean
  readonly to?: string
  readonly mode?: InterfaceMode
  readonly qr?: boolean
}

const gives: Readonly<Record<HandoffKind, string>> = {
  transfer: 'the session moves to whoever opens it',
  mirror: 'whoever opens it writes along',
  observe: 'whoever opens it reads along',
}

/** Without a word the least of the three. */
function kindOf({ transfer, mirror, observe }: InviteOptions): HandoffKind {
  const [kind = 'observe', ...more] = (['transfer', 'mirror', 'observe'] as const).filter(
    (_, at) => [transfer, mirror, observe][at],
  )
  if (more.length === 0) return kind
  throw usage('one of --transfer, --mirror and --observe', 'leave the others out')
}

export async function invite(context: Context, ref: string, options: InviteOptions): Promise<void> {
  const kind = kindOf(options)
  const { mode } = options
  const { control, terminal } = context
  const rows = await control().devices()
  const { process: facts } = await control().status()
  const terms = { ref, kind, ...(mode === undefined ? {} : { mode }) }
  if (options.to !== undefined) {
    const device = findDevice(rows, options.to)
    const made = await control().call('inviteDevice', { ...terms, to: device.id })
    const { link: plain, ...invitation } = made
    const link = linkOnPage(plain, facts.page)
    terminal.object({ type: 'result', ok: true, link, invitation })
    const left = clockLeft(invitation.expiresAt - context.now())
    show(context, link, options, [
      `${gives[kind]}: ${safeLine(nameOf(device))} alone, once, within ${left}`,
      `baton handoffs ${invitation.id.slice(0, 8)} --cancel calls it off`,
    ])
    return
  }
  // Only homes of this machine find it.
  const alone = facts.embedded && !facts.beyond
  const task = control().inviteGuest(terms)
  const done = await followHandoff(context, task, rows, ({ link: plain, expiresAt }) => {
    const link = linkOnPage(plain, facts.page)
    const left = clockLeft(expiresAt - context.now())
    show(context, link, alone ? { ...options, qr: false } : options, [
      `${gives[kind]}: one device, once, within ${left}; it gets this session and nothing else`,
      ...(alone ? ['a device elsewhere needs: baton up --lan, or --signal'] : []),
    ])
  })
  concludeHandoff(context, done, await control().devices())
}

function show(
  { terminal }: Context,
  link: string,
  { qr }: InviteOptions,
  notes: readonly string[],
): void {
  const { dim, bold } = terminal.note
  terminal.tell('On the other device run')
  terminal.tell()
  terminal.tell(`  ${bold('baton join')}`)
  terminal.tell()
  terminal.tell('and paste this:')
  terminal.tell()
  terminal.line(link)
  terminal.tell()
  for (const note of notes) terminal.tell(dim(note))
  if (qr === false || !terminal.live) return
  const lines = qrLines(link, terminal.columns, dim(' ') !== ' ')
  if (!lines) return
  terminal.tell(dim('or scan:'))
  for (const line of lines) terminal.tell(line)
}
