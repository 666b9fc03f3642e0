/** `baton handoffs`: requests to hand sessions over and invitations, answering them, and what is answered by itself (rule CL25). */
import { BatonError } from '@baton/shared/errors'
import type { DeviceRow, HandoffPolicy, HandoffRow, InvitationRow } from '../../core/mesh-api.ts'
import type { Context } from './command.ts'
import { findDevice, nameOf, whoIs } from './devices.ts'
import { usage } from './exit.ts'
import { safeLine } from './safe-text.ts'
import { type Column, table } from './table.ts'
import { ago } from './units.ts'

interface Options {
  readonly accept?: boolean
  readonly decline?: boolean
  readonly cancel?: boolean
  readonly policy?: HandoffPolicy
  readonly from?: string
  readonly resume?: ResumePolicy
}

type ResumePolicy = 'always' | 'never'

const shortId = 8

export async function handoffs(context: Context, id: string | undefined, options: Options) {
  const { accept = false, decline = false, cancel = false, policy, from, resume } = options
  const asked = [accept, decline, cancel].filter(Boolean).length
  if (asked > 1) throw usage('one of --accept, --decline and --cancel', 'leave the others out')
  if (asked === 1 && id === undefined) throw usage('which one?', 'list them with: baton handoffs')
  if (from !== undefined && policy === undefined && resume === undefined) {
    throw usage('--from says whom --policy is for', 'add --policy ask, always or never')
  }
  if (resume !== undefined) return setResume(context, resume, from)
  if (policy !== undefined) return setPolicy(context, policy, from)
  if (asked === 0 || id === undefined) return list(context, id)
  const control = context.control()
  if (cancel) await control.call('handoffCancel', { id })
  else await control.call('handoffAnswer', { id, accept })
  context.terminal.object({ type: 'result', ok: true })
  const word = cancel ? 'called off' : accept ? 'accepted' : 'declined'
  context.terminal.tell(context.terminal.note.good(word))
}

async function setPolicy({ control, terminal }: Context, policy: HandoffPolicy, from?: string) {
  const device = from === undefined ? undefined : findDevice(await control().devices(), from)
  const request = device ? { device: device.id, policy } : { policy }
  await control().call('handoffPolicy', request)
  terminal.object({ type: 'result', ok: true, policy, ...(device && { device: device.id }) })
  const who = device ? `${safeLine(nameOf(device))} asks` : 'other devices ask'
  terminal.tell(
    {
      ask: `what ${who} for waits for your answer`,
      always: `what ${who} for is accepted at once`,
      never: `what ${who} for is declined`,
    }[policy],
  )
}

/** Whether what comes is gone on with here at once, when the device that hands it over asks for that. */
async function setResume({ control, terminal }: Context, policy: ResumePolicy, from?: string) {
  const device = from === undefined ? undefined : findDevice(await control().devices(), from)
  await control().call('resumePolicy', device ? { device: device.id, policy } : { policy })
  terminal.object({
    type: 'result',
    ok: true,
    resume: policy,
    ...(device && { device: device.id }),
  })
  const who = device ? safeLine(nameOf(device)) : 'any other device'
  terminal.tell(
    policy === 'never'
      ? `what ${who} hands over is gone on with by hand`
      : `what ${who} hands over with --resume runs its agent here, while baton up runs in a terminal`,
  )
}

async function list({ control, terminal, now }: Context, id = ''): Promise<void> {
  const [all, open, devices] = await Promise.all([
    control().call('handoffs', {}),
    control().call('invitations', {}),
    control().devices(),
  ])
  const invitations = open.filter((row) => row.id.startsWith(id))
  const handoffs = all.filter((row) => row.id.startsWith(id))
  const rows: Listed[] = [...invitations.map(asListed(devices)), ...handoffs]
  if (id !== '' && rows.length === 0) throw noRequest()
  terminal.object({ type: 'result', ok: true, handoffs, invitations })
  const { paint, columns } = terminal
  for (const line of table(rows, columnsFor(paint, devices, now()), columns, paint.dim)) {
    terminal.line(line)
  }
  const waiting = rows.find(({ waitsForUs }) => waitsForUs)
  if (rows.length === 0) terminal.tell('no session was handed over, or is to be')
  else if (waiting) {
    const short = waiting.id.slice(0, shortId)
    terminal.tell(terminal.note.dim(`baton handoffs ${short} --accept, or --decline`))
  }
}

const noRequest = () =>
  new BatonError('not-found', 'failed to find the handoff: there is none of that id', {
    hint: 'baton handoffs lists them',
  })

interface Listed extends Omit<HandoffRow, 'state' | 'reason' | 'askedBy'> {
  readonly state: HandoffRow['state'] | 'invited'
}

/** One that waits to be used, as a row among requests. */
const asListed =
  (devices: readonly DeviceRow[]) =>
  ({ mode: _, ...row }: InvitationRow): Listed => ({
    ...{ ...row, state: 'invited', waitsForUs: false },
    from: devices.find(({ self }) => self)?.id ?? row.to,
  })

const kinds = { transfer: 'move', mirror: 'write along', observe: 'read along' } as const

function columnsFor(
  paint: Context['terminal']['paint'],
  devices: readonly DeviceRow[],
  now: number,
): Column<Listed>[] {
  return [
    { title: 'id', value: ({ id }) => id.slice(0, shortId), paint: paint.accent },
    {
      title: 'session',
      min: 10,
      value: ({ title, session }) => safeLine(title ?? session.slice(0, shortId)),
    },
    { title: 'to', min: 6, value: ({ to }) => whoIs(devices, to) },
    { title: 'from', min: 6, drop: 2, value: ({ from }) => whoIs(devices, from) },
    { title: 'what', drop: 3, value: ({ kind }) => kinds[kind] },
    {
      title: 'state',
      value: (row) => (row.waitsForUs ? 'waits for you' : row.state),
      paint: (text, { state, waitsForUs }) =>
        waitsForUs ? paint.warn(text) : state === 'active' ? paint.good(text) : text,
    },
    { title: 'when', drop: 1, value: ({ at }) => ago(at, now) },
  ]
}
