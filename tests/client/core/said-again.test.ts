/** What is said again of a transcript, and what anyone may take over that is hidden. */
import type { FileHistory } from '@baton/shared/conflict/history'
import { type LogId, type SessionId, splitLogId } from '@baton/shared/ids'
import { kinds } from '@baton/shared/log/kinds'
import { encodeRecord, fileStart, type Position } from '@baton/shared/model/agent-entries'
import { mainFile } from '@baton/shared/model/carried-path'
import { describe, expect, it } from 'vitest'
import { openTestPeer, type TestPeer } from '../../support/peer.ts'
import {
  createShared,
  documentOf,
  meetAll,
  meetPeers,
  openTwins,
  saidAgain,
} from '../../support/twins.ts'

/** All histories; a branch that is the beginning of another is no history of its own. */
function distinct(view: { main: string; beside: readonly string[] } | undefined): string[] {
  const all = [view?.main ?? '', ...(view?.beside ?? [])]
  return all.filter((each) => !all.some((other) => other.startsWith(`${each} `))).sort()
}

describe('records of a transcript', () => {
  const line = (text: string) => ({ inline: new TextEncoder().encode(text) })

  async function append(peer: TestPeer, base: Position | undefined, ...texts: string[]) {
    const [session] = peer.repository.sessions() as [SessionId]
    await peer.repository.write(session, (to) => {
      for (const [i, text] of texts.entries()) {
        const record = {
          epoch: 0,
          file: mainFile,
          base: i === 0 ? base : undefined,
          content: line(text),
        }
        to.append(kinds.record, encodeRecord(record))
      }
      return []
    })
  }

  async function read(peer: TestPeer, history: FileHistory | undefined): Promise<string> {
    const texts: string[] = []
    if (!history) return 'none'
    for await (const lines of peer.transcripts.lines(history)) {
      for (const each of lines) texts.push(new TextDecoder().decode(each))
    }
    return texts.join(' ')
  }

  async function seen(peer: TestPeer) {
    const [session] = peer.repository.sessions() as [SessionId]
    const branches = await peer.transcripts.branches(session)
    return {
      main: await read(peer, (await peer.transcripts.main(session)).get(mainFile)),
      beside: await Promise.all(
        branches.flatMap(({ files }) => files.map((each) => read(peer, each.history))),
      ),
    }
  }

  it('FK7 come again with their ids, and what others appended to them goes on from there', async () => {
    const other = await openTestPeer({ seed: 2 })
    const [left, right] = await openTwins(async (peer) => {
      await createShared(other.device)(peer)
      await append(peer, fileStart, 'a', 'b')
    })
    await append(left, undefined, 'l1', 'l2')
    await append(right, undefined, 'r1')
    await meetPeers(left, other)
    const [session] = other.repository.sessions() as [SessionId]
    const before = (await other.transcripts.main(session)).get(mainFile) as FileHistory
    expect(await read(other, before)).toBe('a b l1 l2')
    await append(other, before.kind === 'records' ? before.end : undefined, 'mine')
    await meetAll(left, right, other)
    await meetAll(left, right, other)
    const views = await Promise.all([left, right, other].map(seen))
    for (const view of views) expect(view).toEqual(views[0])
    expect(distinct(views[0])).toEqual(['a b l1 l2 mine', 'a b r1'])
    // The file that stood for it goes on where it stood.
    const state = await left.transcripts.state(session)
    const end = state.pieces.find(({ end: at }) => at.records === 4)?.end as Position
    expect(end.record).toEqual(before.kind === 'records' ? before.end.record : undefined)
    await append(left, before.kind === 'records' ? before.end : undefined, 'l3')
    await meetAll(left, right, other)
    const after = await Promise.all([left, right, other].map(seen))
    for (const view of after) expect(view).toEqual(after[0])
    expect(distinct(after[0])).toEqual(['a b l1 l2 l3', 'a b l1 l2 mine', 'a b r1'])
  })
})

it('FK7 what was taken back is not said again', async () => {
  const other = await openTestPeer({ seed: 2 })
  const [left, right] = await openTwins(createShared(other.device))
  const document = await documentOf(left)
  await document.say('a secret', { id: 'secret' })
  await document.retract('secret')
  await document.say('no secret', { id: 'other' })
  await (await documentOf(right)).say('elsewhere', { id: 'elsewhere' })
  await meetAll(left, right, other)
  await meetAll(left, right, other)
  for (const peer of [left, right, other]) {
    const { messages } = await peer.documents.state(document.session)
    const said = [...messages.values()].map(({ id, redacted }) => [id, redacted === true])
    expect(said.sort()).toEqual([
      ['elsewhere', false],
      ['other', false],
      ['secret', true],
    ])
    expect(messages.get('other')?.parent).toBe('secret')
    expect((await (await documentOf(peer)).history()).length).toBeGreaterThan(0)
  }
})

describe('a hidden entry', () => {
  async function cutBehind(seq: number) {
    const other = await openTestPeer({ seed: 2 })
    const author = await openTestPeer({ seed: 1 })
    await createShared(other.device)(author)
    await meetPeers(author, other)
    const document = await documentOf(other)
    await document.set(['config', 'x'], 'one')
    await document.say('a message', { id: 'message' })
    await meetPeers(author, other)
    const log = author.repository
      .heads(document.session)
      .find(({ log: id }) => splitLogId(id).device === other.device)?.log as LogId
    for (const peer of [author, other]) peer.cuts.set('revoked', new Map([[log, seq]]))
    return { author, other, log }
  }

  it('FK8 is taken over by whoever may write, once, and counts as its word', async () => {
    const { author, other, log } = await cutBehind(1)
    expect(await (await documentOf(author)).entries(['config'])).toEqual([])
    await author.forks.adopt(log, 2)
    await author.forks.adopt(log, 2)
    await author.forks.adopt(log, 3)
    await meetPeers(author, other)
    for (const peer of [author, other]) {
      const document = await documentOf(peer)
      expect(await document.get(['config', 'x'])).toBe('one')
      expect((await document.history()).map(({ id, device }) => [id, device])).toEqual([
        ['message', author.device],
      ])
      expect(await saidAgain(peer)).toHaveLength(2)
    }
  })

  it('FK8 that is none, or is not held, is `not-found`', async () => {
    const { author, log } = await cutBehind(2)
    for (const seq of [1, 2, 9]) {
      await expect(author.forks.adopt(log, seq)).rejects.toMatchObject({ code: 'not-found' })
    }
    expect(await saidAgain(author)).toEqual([])
  })

  it('FK8 is not doubled by who says again what counts', async () => {
    const { author, log } = await cutBehind(2)
    const { session } = await documentOf(author)
    await author.forks.republishing.one(log, 2, 0)
    const state = await author.documents.state(session)
    expect(state.hidden.map(({ reason }) => reason)).toEqual(['revoked', 'not-hidden'])
    expect(state.fields.get('["config","x"]')?.register.live).toHaveLength(1)
  })
})
