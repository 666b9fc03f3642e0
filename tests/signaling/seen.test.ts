/** SV21, SV22: all that the service ever sees of a pairing and of a day of mailboxes. */
import { toBase64url, toHex } from '@baton/shared/bytes'
import { mailboxKey } from '@baton/shared/keyexchange/mailbox'
import { sealedSizes } from '@baton/shared/limits'
import { pureSha256 } from '@baton/shared/primitives'
import { afterEach, expect, it } from 'vitest'
import { createInbox } from '../support/inbox.ts'
import { createWorld, watchRun } from '../support/pair-world.ts'
import { startRecorder } from '../support/recorder.ts'
import { startSignaling } from '../support/signaling.ts'

const open: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of open.splice(0)) await close()
})

/** A service behind a relay that keeps what passes; long poll, since sockets mask their frames. */
async function recorded() {
  const recorder = await startRecorder()
  const service = await startSignaling({ names: [`127.0.0.1:${recorder.port}`] })
  recorder.to(service.port)
  const clients: { close(): Promise<void> }[] = []
  open.push(async () => {
    for (const client of clients) await client.close()
    await service.close()
    await recorder.close()
  })
  return {
    ...recorder,
    /** Resolves when that many live. */
    async mailboxes(count: number) {
      const line = `baton_signaling_mailboxes ${count}\n`
      while (!(await (await fetch(`${service.url}/metrics`)).text()).includes(line));
    },
    client() {
      const client = service.client({ server: recorder.url, socket: undefined })
      clients.push(client)
      return client
    },
  }
}

interface Said {
  readonly path: string
  readonly body: Record<string, string | number>
}

/** The requests in what clients said; the rest of it is returned as `headers`. */
function requestsIn(said: string): { requests: Said[]; headers: Set<string> } {
  const requests: Said[] = []
  const headers = new Set<string>()
  for (const part of said.split(/(?=POST \/v1\/)/)) {
    const [head = '', body = ''] = part.split('\r\n\r\n')
    const [first = '', ...lines] = head.split('\r\n')
    if (!first.startsWith('POST')) continue
    requests.push({ path: first.split(' ')[1] ?? '', body: JSON.parse(body.trim()) })
    for (const line of lines) if (!/^content-length:/i.test(line)) headers.add(line.toLowerCase())
  }
  return { requests, headers }
}

/** Pairs two devices over a recorded service; gives what passed and the secrets of the run. */
async function pairing(names: [string, string]) {
  const relay = await recorded()
  const world = createWorld({ rendezvous: () => relay.client() })
  const [alice, bob] = [world.device(names[0], 1), world.device(names[1], 2)]
  const inviting = watchRun(alice.pairing.invite({ qr: false, confirm: false }))
  while (!inviting.last()) await world.settle()
  const { code } = inviting.of('code')
  const joining = watchRun(bob.pairing.join(code, { confirm: false }))
  while (inviting.last()?.at !== 'paired' || joining.last()?.at !== 'paired') await world.settle()
  const keys = [alice, bob].flatMap(({ keyring }) => [keyring.device, keyring.exchange])
  return { said: relay.said(), heard: relay.heard(), code, keys }
}

it('SV21 of a whole pairing the service sees a nameplate, random ids and blobs of few sizes', async () => {
  const names: [string, string] = ['Alices Laptop', 'Bobs Workstation']
  const { said, heard, code, keys } = await pairing(names)
  const [nameplate = '', ...words] = code.split(/[^a-z0-9]+/)
  expect(words.join('').length).toBeGreaterThanOrEqual(9)
  for (const word of words) {
    const alone = new RegExp(`(?<![\\w-])${word}(?![\\w-])`, 'i')
    expect([word, alone.test(said), alone.test(heard)]).toEqual([word, false, false])
  }
  const secrets = [
    words.join('-'),
    ...names,
    ...names.map((name) => toBase64url(new TextEncoder().encode(name))),
    ...keys.flatMap((key) => [toHex(key), toBase64url(key)]),
    'v=0',
    'candidate',
    'fingerprint',
    'cookie',
  ]
  for (const secret of secrets) {
    expect([secret, said.includes(secret), heard.includes(secret)]).toEqual([secret, false, false])
  }
  expect(said.toLowerCase().split(nameplate).length).toBeGreaterThan(1)

  const { requests, headers } = requestsIn(said)
  const allowed: Record<string, string[]> = {
    '/v1/open': ['sid'],
    '/v1/claim': ['nameplate'],
    '/v1/send': ['token', 'turn', 'n', 'blob'],
    '/v1/events': ['token', 'after'],
    '/v1/close': ['token'],
    '/v1/release': ['token', 'turn'],
    '/v1/challenge': ['mailbox'],
    '/v1/listen': ['key', 'nonce', 'signature'],
    '/v1/post': ['mailbox', 'blob'],
  }
  for (const { path, body } of requests) expect(Object.keys(body)).toEqual(allowed[path])
  const headerNames = [...headers].map((line) => line.split(':')[0])
  const plain = ['host', 'connection', 'content-type', 'accept', 'accept-language']
  const fetches = ['sec-fetch-mode', 'user-agent', 'pragma', 'cache-control', 'accept-encoding']
  expect(headerNames.filter((name) => ![...plain, ...fetches].includes(name ?? ''))).toEqual([])
  const sizes = requests.flatMap(({ body: { blob } }) =>
    blob === undefined ? [] : [Math.floor((String(blob).length * 3) / 4)],
  )
  expect(sizes.length).toBeGreaterThan(4)
  // each of the four messages of the handshake has one length of its own
  expect(new Set(sizes.filter((size) => !sealedSizes.includes(size))).size).toBeLessThanOrEqual(4)
})

it('SV21 other names and other words change nothing that can be counted', async () => {
  const shape = async (names: [string, string]) => {
    const { said } = await pairing(names)
    return requestsIn(said)
      .requests.filter(({ path }) => path === '/v1/send')
      .map(({ body }) => Object.entries(body).map(([key, value]) => [key, String(value).length]))
      .sort()
  }
  expect(await shape(['a', 'b'])).toEqual(
    await shape(['A much longer name', 'An even longer name']),
  )
})

it('SV22 in a day of two pairs no id, key, nonce or token appears in two hours', async () => {
  const relay = await recorded()
  const roots = ['ab', 'bc'].map((pair) => pureSha256(new TextEncoder().encode(pair)))
  const device = relay.client()
  const seenIn = new Map<string, number>()
  for (let hour = 0; hour < 24; hour++) {
    for (const root of roots) {
      const key = mailboxKey(root, 'low', hour)
      const inbox = createInbox<Uint8Array>()
      const listening = device.listen(key, inbox.put)
      await relay.mailboxes(1)
      await device.post(key.mailbox, new Uint8Array(24).fill(hour))
      await inbox.next()
      listening.close()
      await relay.mailboxes(0)
    }
    const ids = (relay.said() + relay.heard()).matchAll(/"(?!blob")\w+":"([\w-]{16,})"/g)
    for (const [, id = ''] of ids) {
      expect([id, seenIn.get(id) ?? hour]).toEqual([id, hour])
      seenIn.set(id, hour)
    }
    relay.forget()
  }
  // mailbox, key, nonce, signature and token of each
  expect(seenIn.size).toBe(24 * 2 * 5)
})
