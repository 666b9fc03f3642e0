/**
 * All that the signaling service could write down: every byte of a pairing, a session sent, and
 * reconnects in two hours, recorded in front of the real service.
 */
import { networkInterfaces } from 'node:os'
import { join } from 'node:path'
import { openKeyring } from '@baton/client/node/keyring'
import { createRandom } from '@baton/client/node/platform'
import { toBase64url, toHex } from '@baton/shared/bytes'
import { mailboxHourMs } from '@baton/shared/limits'
import { beforeAll, expect, it, onTestFinished } from 'vitest'
import { builtChild } from '../support/built.ts'
import { tellingWords } from '../support/code-words.ts'
import { writeCorpus } from '../support/corpus/corpus.ts'
import { decodedRuns, headersIn, marksIn, overheard } from '../support/overheard.ts'
import { batonFolder, type PeerProcess } from '../support/peer-process.ts'
import { startRecorder } from '../support/recorder.ts'
import { twoHomes } from '../support/two-homes.ts'

let child = ''
beforeAll(() => {
  child = builtChild('real/peer-child.mts')
})

const connected = (by: PeerProcess, device: PeerProcess) =>
  by.until(
    (event) =>
      event.kind === 'device' &&
      event.device.id === device.self &&
      event.device.state === 'connected',
  )

/** Public and all the same nobody's business: both keys of a device in every form of writing. */
async function keysOf(folder: string): Promise<string[]> {
  const keys = await openKeyring(join(batonFolder(folder), 'keys'), createRandom())
  return [keys.device, keys.exchange].flatMap((key) => [
    toBase64url(key).slice(0, 12),
    toHex(key).slice(0, 16),
    Buffer.from(key.subarray(0, 12)).toString('latin1'),
    Buffer.from(key.subarray(8, 20)).toString('latin1'),
    Buffer.from(key).toString('base64').slice(0, 12),
  ])
}

const addresses = () =>
  Object.values(networkInterfaces())
    .flatMap((each) => each ?? [])
    .filter(({ internal }) => !internal)
    .map(({ address }) => address)

it('MJ6 the service sees no word, key, name, address, description or lasting id', async () => {
  const recorder = await startRecorder()
  onTestFinished(() => recorder.close())
  const homes = await twoHomes(child, 'transcript', { names: [`127.0.0.1:${recorder.port}`] })
  recorder.to(homes.signaling.port)
  const through = { signaling: recorder.url }
  const names = ["Alice's Blue Laptop", 'Workstation of Bob']
  const corpus = writeCorpus(homes.folder('alice'), { seed: 7, sessions: 1, plain: true })
  const session = corpus.sessions[0] as (typeof corpus.sessions)[number]
  const open = (aheadMs: number) =>
    Promise.all([
      homes.start('alice', { ...through, name: names[0] as string, aheadMs }),
      homes.start('bob', { ...through, name: names[1] as string, aheadMs }),
    ])

  const [alice, bob] = await open(0)
  const { code, ended } = await alice.invite()
  const ends = await Promise.all([bob.join(code), ended])
  expect(ends.map(({ at }) => at)).toEqual(['paired', 'paired'])
  const sent = await alice.sent(session.id, { to: bob.self, maps: [], project: homes.project })
  await bob.stop()
  const again = await homes.start('bob', { ...through, name: names[1] as string })
  await connected(again, alice)
  await Promise.all([alice.stop(), again.stop()])
  const first = overheard(recorder)
  const headers = headersIn(recorder)

  recorder.forget()
  const later = await open(3 * mailboxHourMs)
  await Promise.all([connected(later[0], later[1]), connected(later[1], later[0])])
  await Promise.all(later.map((peer) => peer.stop()))
  const second = overheard(recorder)

  // It did record what it should: the pairing's nameplate, and blobs of both hours.
  const [nameplate = ''] = code.split('-')
  expect(first).toContain(`"nameplate":"${nameplate}"`)
  for (const text of [first, second]) {
    expect(text).toContain('"ack":')
    expect(text.match(/"blob":"[\w-]{1000,}"/g)?.length).toBeGreaterThan(3)
  }

  const plain = `${first}\n${second}`
  const all = `${plain}\n${decodedRuns(plain)}`
  for (const word of tellingWords(code)) expect(all).not.toMatch(new RegExp(`\\b${word}\\b`))
  const keys = [...(await keysOf(homes.folder('alice'))), ...(await keysOf(homes.folder('bob')))]
  const told = [sent.receipt.session, sent.receipt.id, session.id, session.title]
  // Long enough not to stand in random bytes by chance.
  const description = ['v=0\r\n', 'a=cand', 'a=fing', 'ufrag', 'candidate', 'typ host', '.local']
  for (const needle of [...names, ...keys, ...addresses(), ...description, ...told]) {
    expect(all.includes(needle), needle).toBe(false)
  }
  for (const name of headers) expect(name).not.toMatch(/cookie|authorization|baton|device/)

  // Nothing of one hour comes again in another: the two cannot be told to be one pair.
  const before = marksIn(first)
  expect(before.size).toBeGreaterThan(20)
  expect([...marksIn(second)].filter((mark) => before.has(mark))).toEqual([])
})
