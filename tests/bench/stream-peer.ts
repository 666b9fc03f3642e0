/**
 * The process of a device in the stream row: it writes tokens at a rate, or watches them come, and
 * counts what of it enters its channels. Moments are ms since 1970, of the machine's one clock.
 */
import { randomBytes } from 'node:crypto'
import type { Document, Mesh } from '@baton/client/core/mesh-api'
import type { Channel, Dialer } from '@baton/client/core/ports/channel'
import type { DeviceId, SessionId } from '@baton/shared/ids'
import { syncTypes } from '@baton/shared/protocol/sync-messages'
import { now, servePeer } from '../support/serve-peer.ts'

export type Part =
  /** Gives a document that these may hold. */
  | { readonly do: 'create'; readonly share: readonly DeviceId[] }
  /** Gives what was written when, and what it cost. */
  | ({ readonly do: 'write' } & Writing)
  /** Gives what came when. */
  | { readonly do: 'watch'; readonly session: SessionId; readonly id: string }

export interface Writing {
  readonly session: SessionId
  readonly id: string
  readonly tokens: number
  readonly perSecond: number
  /** Bytes of another document, `beside`, that go the other devices' way at the same time. */
  readonly bulk: number
  readonly beside: SessionId
}

/** UTF-16 units of the text so far, and when. */
export type Moment = readonly [units: number, when: number]

export interface Written {
  readonly tokens: readonly Moment[]
  /** Small changes beside the text: number, and when they were durable. */
  readonly entries: readonly Moment[]
  /** Bytes of the messages that carry the text, over all links, and with frames and all else. */
  readonly messageBytes: number
  readonly linkBytes: number
}

export interface Watched {
  readonly moments: readonly Moment[]
  readonly entries: readonly Moment[]
}

/** English has about so long a token: four letters and a space. */
const words = [
  'then ',
  'what ',
  'it ',
  'carried ',
  'was ',
  'counted ',
  'and ',
  'no ',
  'more\n',
  'so ',
]
const entryEveryMs = 250
const settleMs = 5_000

let messageBytes = 0
const channels = new Set<Channel>()
const counted: ReadonlySet<number | undefined> = new Set([
  ...[syncTypes.ahead, syncTypes.aheadBegin, syncTypes.aheadDelta],
  ...[syncTypes.delta, syncTypes.shortDelta],
])

const watched = (channel: Channel): Channel => {
  channels.add(channel)
  return {
    ...channel,
    send(lane, message) {
      if (counted.has(message[1])) messageBytes += message.length
      return channel.send(lane, message)
    },
  }
}

const watchedDialer = (dialer: Dialer): Dialer => ({
  ...dialer,
  dial(call) {
    const dialing = dialer.dial(call)
    return { ...dialing, channel: dialing.channel.then(watched) }
  },
})

const linkBytes = () => [...channels].reduce((sum, channel) => sum + channel.facts().bytesSent, 0)
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, Math.max(0, ms)))

async function write(mesh: Mesh, { session, id, tokens, perSecond, bulk, beside }: Writing) {
  const document = await mesh.documents.open(session)
  const writer = await document.stream({ role: 'assistant' }, { id })
  await writer.write('begun ')
  await writer.flush()
  // Those that watch find one another, too.
  await pause(settleMs)
  const [messagesBefore, linkBefore] = [messageBytes, linkBytes()]
  const said: Moment[] = []
  const entries: Moment[] = []
  let units = 'begun '.length
  let last = 0
  const other = await mesh.documents.open(beside)
  const heavy = bulk > 0 ? other.say({ content: randomBytes(bulk) }) : undefined
  const begun = now()
  for (let n = 0; n < tokens; n++) {
    await pause(begun + (n * 1000) / perSecond - now())
    const token = words[n % words.length] as string
    units += token.length
    said.push([units, now()])
    await writer.write(token)
    if (bulk > 0 && now() - last >= entryEveryMs) {
      last = now()
      const number = entries.length + 1
      entries.push([number, last])
      void document.set(['tick'], number)
    }
  }
  await writer.end()
  const cost = { messageBytes: messageBytes - messagesBefore, linkBytes: linkBytes() - linkBefore }
  await heavy
  return { tokens: said, entries, ...cost } satisfies Written
}

async function opened(mesh: Mesh, session: SessionId): Promise<Document> {
  for (;;) {
    const document = await mesh.documents.open(session).catch(() => undefined)
    if (document) return document
    await pause(20)
  }
}

async function watch(mesh: Mesh, session: SessionId, id: string): Promise<Watched> {
  const document = await opened(mesh, session)
  const moments: Moment[] = []
  const entries: Moment[] = []
  let units = 0
  const stop = document.watch(async () => {
    const number = await document.get(['tick'])
    if (typeof number === 'number' && number > (entries.at(-1)?.[0] ?? 0)) {
      entries.push([number, now()])
    }
  })
  await new Promise<void>((resolve, reject) => {
    document.follow(id, (event) => {
      if (event.at === 'failed') reject(new Error(event.code))
      if (event.at === 'over') resolve()
      if (event.at === 'anew') units = 0
      if (!('text' in event)) return
      units += event.text.length
      moments.push([units, now()])
    })
  })
  stop()
  return { moments, entries }
}

await servePeer({
  adapt: (ports) => ({ ...ports, dialer: watchedDialer(ports.dialer) }),
  async *play(mesh, given) {
    const part = given as Part
    if (part.do === 'watch') yield await watch(mesh, part.session, part.id)
    if (part.do === 'write') yield await write(mesh, part)
    if (part.do !== 'create') return
    const document = await mesh.documents.create('agent', { title: 'tokens' })
    for (const device of part.share) await document.share(device)
    yield document.session
  },
})
