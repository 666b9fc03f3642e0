/** DC7: the piece of the README that shows how documents are used, run as it stands there. */
import { readFileSync } from 'node:fs'
import { expect, it, vi } from 'vitest'
import { openTestPeer } from '../../../support/peer.ts'
import { link } from '../../../support/two-peers.ts'

const readme = readFileSync(new URL('../../../../README.md', import.meta.url), 'utf8')

it('DC7 what the README shows of documents does what it says', async () => {
  const code = /```js\n(const plan = [\s\S]*?)```/.exec(readme)?.[1] ?? ''
  expect(code.trim().split('\n').length).toBeLessThanOrEqual(20)
  const [alice, bob] = [await openTestPeer({ seed: 1 }), await openTestPeer({ seed: 2 })]
  let pair = await link(alice, bob, false)
  const steps = {
    offline: () => pair.cut(),
    async meet() {
      pair = await link(alice, bob, false)
      await pair.flush()
    },
  }
  const there = {
    self: bob.device,
    documents: {
      async open(session: never) {
        await pair.flush()
        return await bob.documents.open(session)
      },
    },
  }
  const shown: unknown[][] = []
  const show = (...what: unknown[]) => void shown.push(what)
  const run = code
    .replace('// both are offline', 'steps.offline()')
    .replace('// they meet again', 'await steps.meet()')
  const play = new Function('here', 'there', 'show', 'steps', `return (async () => {${run}})()`)
  await play({ self: alice.device, documents: alice.documents }, there, show, steps)
  const conflict = shown.find(([path]) => Array.isArray(path) && path[0] === 'tasks')
  expect(conflict).toMatchObject([
    ['tasks', 'embeddings', 'status'],
    [[expect.any(String), expect.any(Number), expect.stringMatching(/completed|blocked/)], {}],
    expect.stringMatching(/completed|blocked/),
  ])
  expect(shown.at(-1)).toEqual([[{ role: 'user', content: 'go on with the router' }]])
  const [session] = alice.repository.sessions()
  const streamed = /```js\n(const answer = [\s\S]*?)```/.exec(readme)?.[1] ?? ''
  const plan = await alice.documents.open(session as never)
  const say = new Function('plan', 'tokens', 'show', `return (async () => {${streamed}})()`)
  const followed: unknown[][] = []
  await say(plan, ['it ', 'goes ', 'on'], (...event: unknown[]) => followed.push(event))
  await vi.waitFor(() => expect(followed.at(-1)).toEqual(['over', undefined]))
  expect(followed.flatMap(([at, text]) => (at === 'text' ? [text] : [])).join('')).toBe(
    'it goes on',
  )
  expect((await plan.history({ last: 1 }))[0]).toMatchObject({
    value: { role: 'assistant', content: 'it goes on' },
  })
  for (const peer of [alice, bob]) {
    expect(await (await peer.documents.open(session as never)).conflicts()).toHaveLength(
      peer === bob ? 0 : 1,
    )
  }
  await pair.flush()
  expect(await (await alice.documents.open(session as never)).conflicts()).toEqual([])
})
